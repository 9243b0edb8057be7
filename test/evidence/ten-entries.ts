import { generateKeyPairSync } from 'node:crypto';
import { noteHash, originOf, signCheckpoint } from '../../evidence/checkpoint';
import { checkpointLine } from '../../evidence/ledger-export';
import { EMPTY_ROOT, leafHash } from '../../evidence/merkle';
import { entryLines, exportLines, type Said, signedNotes } from './written-ledger';

export const { privateKey, publicKey } = generateKeyPairSync('ed25519');
export const tenant = 'demo';

const said = Array.from({ length: 10 }, (_, index): Said => ({
  key: `a/${String(index)}`,
  // Lines end at line feeds alone, whatever other programs take for an end of a line.
  entry: { event: 'action.decided', effect: 'allow', text: index === 7 ? '\u2028\u2029\u{1f600}\u007f\\' : 'no more' },
  body: index === 8 ? null : JSON.stringify({ approver: `Person ${String(index)}` }),
}));
export const log = { tenant, said, sizes: [4, 8] };
export const notes = signedNotes(log, privateKey);

/** Lines of an export with bodies: a header, ten entries, checkpoints over four and eight. The body of entry 1 was erased. */
export const lines = exportLines(tenant, entryLines(log), notes, privateKey).map((line, index) =>
  index === 2 ? line.replace(/,"body":.*/, '}') : line,
);

export const change = (index: number, from: string | RegExp, to: string): string[] => {
  expect(lines[index]).toMatch(from);
  return lines.map((line, i) => (i === index ? line.replace(from, to) : line));
};
/** Replaces the leaf of a line and its hash with it. */
export const rewritten = (index: number, from: string | RegExp, to: string): string[] =>
  lines.map((text, i) => {
    if (i !== index) return text;
    const line = JSON.parse(text) as { leaf: string };
    const leaf = line.leaf.replace(from, to);
    expect(leaf).not.toBe(line.leaf);
    return JSON.stringify({ ...line, leaf, hash: leafHash(leaf).toString('hex') });
  });
export const without = (...indexes: number[]): string[] => lines.filter((_, i) => !indexes.includes(i));
export const swapped = (a: number, b: number): string[] =>
  lines.map((line, i) => (i === a ? lines[b] : i === b ? lines[a] : line) ?? '');
export const withNotes = (...instead: string[]): string[] => [...lines.slice(0, 11), ...instead.map(checkpointLine)];
export const [first = '', second = ''] = notes;
export const sign = (size: number, previous?: string, key = privateKey): string =>
  signCheckpoint(
    {
      origin: originOf(tenant),
      size,
      root: EMPTY_ROOT,
      ...(previous !== undefined && { previous: noteHash(previous) }),
    },
    key,
  );
