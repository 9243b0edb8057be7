import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { AGENT_STATES } from '../../domain/agent-life';
import { namedTests } from '../attack/named-tests';

/* docs/agents-lives.md says what each state of an agent does to what the agent asked for, by how far that has come, and which test holds it. */

const PAGE = readFileSync(join(packageRoot(), 'docs', 'agents-lives.md'), 'utf8');
const tests = namedTests();

type Row = readonly [head: string, ...cells: string[]];

/** The tables of the page with that many columns, or more, row by row. */
function tables(page: string, columns: number): readonly (readonly Row[])[] {
  return page
    .split('\n\n')
    .map((block) => block.split('\n').map((line) => line.split('|').slice(1, -1)))
    .map((rows) => rows.filter((row) => !row.every((cell) => /^ -+ $/.test(cell))))
    .map((rows) => rows.map((row) => row.map((cell) => cell.trim()) as unknown as Row))
    .filter((rows) => rows.length > 1 && rows.every((row) => row.length >= columns));
}

const idsIn = (cell: string): string[] => cell.split(' ').filter((word) => word !== '');
const numberOf = (id: string): number => Number(id.slice(1));

/** Everything that is wrong with the page, a line each. */
function faultsOf(page: string): string[] {
  const [says = [], holds = []] = tables(page, 8);
  const files = new Map(
    tables(page, 2)
      .filter(([head]) => head?.[0] === 'Id')
      .flatMap((rows) => rows.slice(1).flatMap(([ids, file = '']) => idsIn(ids).map((id) => [id, file] as const))),
  );
  const faults: string[] = [];
  says.forEach((row, y) =>
    row.forEach((cell, x) => {
      const held = holds[y]?.[x] ?? '';
      if (x === 0 || y === 0) {
        if (held !== cell) faults.push(`${cell || 'the corner'}: the table of tests has ${held || 'nothing'} there`);
        return;
      }
      const where = `${row[0]} / ${says[0]?.[x] ?? ''}`;
      if ((cell === '') !== (held === '')) faults.push(`${where}: ${cell === '' ? 'says nothing' : 'names no test'}`);
      for (const id of idsIn(held)) if (!files.has(id)) faults.push(`${where}: ${id} is of no file`);
    }),
  );
  for (const [id, file] of files) {
    const found = [...(tests.get(id) ?? [])];
    if (found.join(' ') !== file) faults.push(`${id} is in ${found.join(' ') || 'no test'}, and not in ${file}`);
    if (!holds.some((row) => row.slice(1).some((cell) => idsIn(cell).includes(id)))) faults.push(`${id} holds nothing`);
  }
  for (const id of [...tests.keys()].filter((each) => /^T\d/.test(each)))
    if (!files.has(id)) faults.push(`${id} is not in the table`);
  return faults.sort((a, b) => numberOf(a) - numberOf(b));
}

test('every cell says what happens, and names a test that there is', () => {
  expect(faultsOf(PAGE)).toEqual([]);
});

test('there is a row for every state, and a column for every stage', () => {
  const [says = []] = tables(PAGE, 8);
  const states = says.slice(1).flatMap(([head]) => [...head.matchAll(/`(\w+)`/g)].map(([, state]) => state));
  expect(states.sort()).toEqual([...AGENT_STATES].sort());
  expect(says[0]).toHaveLength(8);
});

test.each<[what: string, from: string, to: string, fault: RegExp]>([
  ['a cell that names no test', 'T1 T3 | T4 |', 'T1 T3 | |', /active.*decided, not begun: names no test/],
  ['a test that is nowhere', 'T1 T3 | T4 |', 'T1 T3 | T99 |', /T99 is of no file/],
  [
    'a test of another file',
    '| T15 | test/spine/offboarding',
    '| T15 | test/spine/agent-states',
    /T15 is in test\/spine\/offb/,
  ],
  ['a test that nothing needs', '| T15 |', '| T15 T99 |', /T99 holds nothing/],
  ['a test that was renamed', '| T1 T2 |', '| T1 |', /T2 is not in the table/],
  ['a cell that says nothing', '| `active` | taken |', '| `active` | |', /active.*asked for: says nothing/],
])('%s is found', (_, from, to, fault) => {
  expect(PAGE).toContain(from);
  expect(faultsOf(PAGE.replace(from, to))).toContainEqual(expect.stringMatching(fault));
});
