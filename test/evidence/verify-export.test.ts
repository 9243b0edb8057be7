import fc from 'fast-check';
import { headerLine } from '../../evidence/ledger-export';
import { type LedgerReport } from '../../evidence/ledger-report';
import { type BothVerifiers, createBothVerifiers } from './both-verifiers';
import {
  change,
  first,
  lines,
  log,
  notes,
  publicKey,
  rewritten,
  second,
  sign,
  swapped,
  tenant,
  withNotes,
  without,
} from './ten-entries';

const RUNS = Number(process.env['LEDGER_RUNS'] ?? 100);

let verifiers: BothVerifiers;
beforeAll(() => {
  verifiers = createBothVerifiers();
});
afterAll(() => verifiers.close());

const both = (content: readonly string[], kept?: readonly string[]): Promise<LedgerReport> =>
  verifiers.report(content, publicKey, kept);
/** Another body, and another salt, in the line of entry 5. */
const changedBody = (to: (body: string, salt: Buffer) => object): string[] =>
  lines.map((line, i) => {
    if (i !== 6) return line;
    const { body, salt, ...rest } = JSON.parse(line) as { body: string; salt: string };
    return JSON.stringify({ ...rest, ...to(body, Buffer.from(salt, 'base64')) });
  });
const codes = ({ findings }: LedgerReport): string[] => findings.map(({ code }) => code);

it('an honest export is verified, and what is not known is said', async () => {
  expect(await both(lines)).toMatchObject({
    ok: true,
    tenant,
    size: 10,
    erasedBodies: 1,
    anchored: { from: 0, to: 8 },
    unanchored: { from: 8, to: 10 },
    checkpoints: 2,
    warnings: [{ code: 'unanchored_tail', seq: 8 }],
  });
  const unbodied = lines.map((line) => line.replace('"bodies":true', '"bodies":false').replace(/,"body":.*/, '}'));
  expect(await both(unbodied)).toMatchObject({ ok: true, erasedBodies: 0 });
  expect(await both(without(9, 10))).toMatchObject({ ok: true, size: 8, unanchored: { from: 8, to: 8 }, warnings: [] });
});

it('of an empty log nothing is claimed', async () => {
  const header = headerLine(tenant, [publicKey], false);
  expect(await both([header])).toMatchObject({ ok: true, size: 0, checkpoints: 0, warnings: [{ code: 'empty' }] });
});

it.each<[string, () => string[], Partial<LedgerReport>, string[]]>([
  ['an edited leaf', () => change(6, 'allow', 'deny'), { firstBad: 5 }, ['leaf_edited', 'root_mismatch']],
  [
    'a leaf with a name twice, hashed anew',
    () => rewritten(10, '"effect":"allow"', '"effect":"allow","effect":"allow"'),
    { firstBad: 9, anchored: { from: 0, to: 8 } },
    ['malformed_leaf'],
  ],
  ['a rewritten tail that no checkpoint covers', () => rewritten(10, 'allow', 'deny'), { ok: true }, []],
  ['a rewritten leaf, hashed anew', () => rewritten(3, 'allow', 'deny'), {}, ['root_mismatch']],
  [
    'a leaf that says another place, hashed anew',
    () => rewritten(10, '"seq":9', '"seq":8'),
    { firstBad: 9 },
    ['entry_moved'],
  ],
  [
    'a leaf of another tenant, hashed anew',
    () => rewritten(10, '"tenant":"demo"', '"tenant":"dema"'),
    { firstBad: 9 },
    ['wrong_tenant'],
  ],
  [
    'an edited hash',
    () => change(6, /"hash":"./, '"hash":"x'),
    { firstBad: 5 },
    ['malformed_line', 'sequence', 'root_mismatch'],
  ],
  ['a deleted entry', () => without(6), { firstBad: 5 }, ['sequence', 'root_mismatch']],
  [
    'an entry twice',
    () => lines.flatMap((line, i) => (i === 6 ? [line, line] : [line])),
    { firstBad: 6 },
    ['sequence', 'root_mismatch'],
  ],
  ['two entries swapped', () => swapped(3, 7), { firstBad: 2 }, ['sequence', 'root_mismatch']],
  ['an edited body', () => change(6, 'Person', 'Parson'), { firstBad: 5 }, ['body_mismatch']],
  ['an edited salt', () => change(6, '"salt":"B', '"salt":"C'), { firstBad: 5 }, ['body_mismatch']],
  [
    'a body of which the beginning was passed off as the end of its salt',
    () =>
      changedBody((body, salt) => ({
        body: body.slice(9),
        salt: Buffer.concat([salt, Buffer.from(body.slice(0, 9))]).toString('base64'),
      })),
    { firstBad: 5 },
    ['body_mismatch'],
  ],
  ['another body without its salt', () => changedBody(() => ({ body: '{}' })), { erasedBodies: 1 }, ['body_mismatch']],
  [
    'a body that is no text',
    () => changedBody((_, salt) => ({ body: {}, salt: salt.toString('base64') })),
    { erasedBodies: 1 },
    ['body_mismatch'],
  ],
  [
    'another body in an export that promises none',
    () => change(6, 'Person', 'Parson').map((line) => line.replace('"bodies":true', '"bodies":false')),
    { firstBad: 5, erasedBodies: 0 },
    ['body_mismatch'],
  ],
  [
    'a hash that is a list of one',
    () => change(6, /"hash":("[^"]*")/, '"hash":[$1]'),
    { firstBad: 5 },
    ['malformed_line', 'sequence', 'root_mismatch'],
  ],
  [
    'a body where the leaf commits to none',
    () => change(9, /\}$/, ',"body":"","salt":"BwcH"}'),
    { firstBad: 8 },
    ['body_mismatch'],
  ],
  [
    'a line that is no JSON',
    () => change(6, '{', ''),
    { firstBad: 5 },
    ['malformed_line', 'sequence', 'root_mismatch'],
  ],
  ['a line that is a list', () => [...lines, '[]'], { ok: false }, ['malformed_line']],
  ['a cut tail with checkpoints that cover it', () => without(7, 8, 9, 10), { size: 6 }, ['truncated']],
  ['no entries at all', () => without(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), { size: 0 }, ['truncated']],
  ['no checkpoints', () => without(11, 12), { anchored: { from: 0, to: 0 } }, ['not_anchored']],
  ['the first checkpoint left out', () => without(11), {}, ['checkpoint_chain']],
  ['a checkpoint edited', () => change(12, String.raw`\n8\n`, String.raw`\n9\n`), {}, ['checkpoint_signature']],
  ['checkpoints the other way round', () => withNotes(second, first), {}, Array<string>(3).fill('checkpoint_chain')],
  ['a checkpoint that is no larger', () => withNotes(first, sign(4, first)), {}, ['checkpoint_chain']],
  [
    'a checkpoint over another root',
    () => withNotes(first, sign(8, first)),
    { anchored: { from: 0, to: 4 } },
    ['root_mismatch'],
  ],
  [
    'one root after another that differs',
    () => withNotes(sign(4), sign(8, sign(4))),
    { anchored: { from: 0, to: 0 } },
    ['root_mismatch'],
  ],
  [
    'entries of another tenant',
    () => change(0, /demo/g, 'other'),
    { firstBad: 0 },
    ['checkpoint_signature', 'checkpoint_signature', 'wrong_tenant', 'not_anchored'],
  ],
])('%s: both verifiers say the same', async (_, content, expected, found) => {
  const report = await both(content());
  expect(report).toMatchObject(expected);
  expect(codes(report)).toEqual(found);
});

it.each<[string, string, string]>([
  ['version', '"v":1', '"v":2'],
  ['time', 'T00:00:09.000Z', 'T00:00:09Z'],
  ['commitment', '"body":"sha256:', '"body":"sha512:'],
  ['commitment that is no text', '"body":"sha256:', '"body":7,"c":"'],
  ['entry', '"entry":{', '"entry":[{'],
  ['event', '"event":"action.decided"', '"event":7'],
  ['key', '"key":"a/9"', '"key":9'],
  ['place', '"seq":9', '"seq":-9'],
  ['place between two', '"seq":9', '"seq":9.5'],
  ['tenant', '"tenant":"demo"', '"tenant":null'],
  ['member', '"v":1', '"v":1,"w":1'],
  ['space', '"v":1', '"v": 1'],
  ['text with half of a surrogate pair', 'no more', '\\ud800'],
])('a leaf with another %s is none', async (_, from, to) => {
  const changed = rewritten(10, from, to);
  expect(
    codes(
      await both(
        to.includes('[{')
          ? changed.map((line, i) => (i === 10 ? line.replace('},\\"key', '}],\\"key') : line))
          : changed,
      ),
    ),
  ).toContain('malformed_leaf');
});

it('a clock that went back is reported and no failure', async () => {
  const report = await both(rewritten(10, '00:00:09', '00:00:01'));
  expect(report).toMatchObject({
    ok: true,
    warnings: [{ code: 'time_backwards', seq: 9 }, { code: 'unanchored_tail' }],
  });
});

it('X72 an export that leaves out the newest checkpoint and its entries is caught by a checkpoint kept from earlier', async () => {
  const shortened = without(5, 6, 7, 8, 9, 10, 12);
  expect((await both(shortened)).ok).toBe(true);
  expect(codes(await both(shortened, notes))).toEqual(['truncated']);
  expect((await both(lines, notes)).ok).toBe(true);
  // One that was still being written says nothing yet.
  expect((await both(shortened, [first, second.slice(0, -20)])).ok).toBe(true);
});

/** What counts of an export: what its entries say, in their order, and its checkpoints. */
function contentOf(content: readonly string[]): {
  readonly entries: readonly string[];
  readonly notes: readonly string[];
} {
  const parsed = content.flatMap((line): Record<string, unknown>[] => {
    try {
      const value: unknown = JSON.parse(line);
      return typeof value === 'object' && value !== null ? [value as Record<string, unknown>] : [];
    } catch {
      return [];
    }
  });
  return {
    entries: parsed
      .filter(({ leaf }) => leaf !== undefined)
      .map(({ seq, leaf, hash }) => JSON.stringify([seq, leaf, hash])),
    notes: parsed.flatMap(({ checkpoint }) => (typeof checkpoint === 'string' ? [checkpoint] : [])),
  };
}

it('X71 both verifiers agree on arbitrary damage, and find all of it in what was signed', async () => {
  const line = fc.integer({ min: 1, max: 12 });
  const damage = fc.oneof(
    fc.record({ kind: fc.constant('delete' as const), line }),
    fc.record({ kind: fc.constant('swap' as const), line, other: line }),
    fc.record({ kind: fc.constant('repeat' as const), line }),
    fc.record({
      kind: fc.constant('edit' as const),
      line,
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      character: fc.constantFrom('0', 'a', '"', '\\', '}', ' ', '\u2028', '\u00e9'),
    }),
  );
  const whole = contentOf(lines);
  const seen = { found: 0, passed: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { maxLength: 3 }), async (damages) => {
      const content = [...lines];
      for (const each of damages) {
        const text = content[each.line] ?? '';
        if (each.kind === 'delete') content.splice(each.line, 1);
        if (each.kind === 'repeat') content.splice(each.line, 0, text);
        if (each.kind === 'swap') [content[each.line], content[each.other]] = [content[each.other] ?? '', text];
        if (each.kind === 'edit') {
          const at = Math.floor(each.at * text.length);
          content[each.line] = text.slice(0, at) + each.character + text.slice(at + 1);
        }
      }
      const report = await both(content);
      const damaged = contentOf(content);
      // Whoever leaves out the newest checkpoints is found only by those who kept them: the rest is held against what is left.
      const covered = [0, ...log.sizes][damaged.notes.length] ?? 0;
      const intact =
        covered > 0 &&
        damaged.notes.every((note, index) => note === whole.notes[index]) &&
        damaged.entries.slice(0, covered).join() === whole.entries.slice(0, covered).join();
      if (!intact) expect(report.ok).toBe(false);
      if (content.join() === lines.join()) expect(report.ok).toBe(true);
      if (report.ok) expect(report.anchored.to).toBe(covered);
      seen[report.ok ? 'passed' : 'found'] += 1;
    }),
    { numRuns: RUNS },
  );
  expect(seen.found).toBeGreaterThan(0);
  expect(seen.passed).toBeGreaterThan(0);
});
