import { z } from 'zod';

/** What the demo reads of a ledger entry; entries have more members, and others come to be. */
const leafSchema = z.object({
  seq: z.number(),
  at: z.string(),
  entry: z.looseObject({ event: z.string() }),
});

/** One entry of the exported ledger, as far as its meaning goes. */
export interface LedgerEntry {
  readonly seq: number;
  /** Epoch milliseconds, by the clock of the database. */
  readonly at: number;
  readonly event: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** Reads the entries of an export that the verifier has accepted. Its first line and its checkpoints are no entries. */
export function ledgerEntriesIn(exported: string): readonly LedgerEntry[] {
  return exported
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => z.looseObject({ leaf: z.string().optional() }).parse(JSON.parse(line)).leaf)
    .filter((leaf) => leaf !== undefined)
    .map((leaf) => {
      const { seq, at, entry } = leafSchema.parse(JSON.parse(leaf));
      return { seq, at: Date.parse(at), event: entry.event, entry };
    });
}
