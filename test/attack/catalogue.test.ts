import { namedTests } from './named-tests';
import { type Threat, threats } from './threats';

/** Every attack, fault and invariant that Countersign is measured by: none may be forgotten by leaving its row out. */
const ALL = [...numbered('X', 88), ...numbered('F', 26), ...numbered('I', 14)];

function numbered(letter: string, last: number): string[] {
  return Array.from({ length: last }, (_, i) => letter + String(i + 1));
}

const tests = namedTests();
const files = (id: string): string[] => [...(tests.get(id) ?? [])];

/** What is wrong with one row. A row that says "not yet" gives its reason in a sentence; one that names a file is believed only if that file has such a test. */
function faultOf({ id, says }: Threat): string | undefined {
  const reason = /^not yet: (.*)$/.exec(says)?.[1];
  if (reason !== undefined) {
    if (files(id).length > 0) return `has tests (${files(id).join(', ')}): name the one that says most`;
    return reason.split(' ').length >= 4 ? undefined : 'gives no reason';
  }
  if (files(id).includes(says)) return undefined;
  return files(id).length === 0 ? 'has no test' : `names ${says}; its tests are in ${files(id).join(', ')}`;
}

describe('docs/threats.md', () => {
  test('has one row for each attack, fault and invariant, in order', () => {
    expect(threats().map(({ id }) => id)).toEqual(ALL);
  });

  test('names for each a test that there is, or says why there is none', () => {
    const faults = threats().map((threat) => [threat.id, faultOf(threat)]);
    expect(faults.filter(([, fault]) => fault !== undefined)).toEqual([]);
  });

  test('knows every id that a test is named after', () => {
    const ids = [...tests.keys()].filter((id) => /^[XFI]/.test(id));
    expect(ids.filter((id) => !ALL.includes(id))).toEqual([]);
  });
});

test.each<[string, string]>([
  ['has no test', 'test/attack/nobody-wrote-it.test.ts'],
  ['gives no reason', 'not yet: later'],
])('a row that %s is found', (fault, says) => {
  expect(faultOf({ id: 'X999', says })).toBe(fault);
});

test('a row that is out of date is found', () => {
  expect(faultOf({ id: 'X1', says: 'not yet: there is nothing of the kind' })).toMatch(/^has tests/);
  expect(faultOf({ id: 'X1', says: 'test/attack/catalogue.test.ts' })).toMatch(/^names .*signatures/);
});
