import { z } from 'zod';
import { type LedgerEntry } from './ledger-entry';

const askedSchema = z.array(z.object({ need: z.number() })).min(1);

/**
 * Who has approved what was decided, by stage and at least as many distinct people as each stage needs; `undefined` where too few have. A person
 * counts once in the whole request, and a vote counts for the digest that it was cast on alone.
 */
export function countersignaturesOn(
  decided: LedgerEntry,
  entries: readonly LedgerEntry[],
): readonly string[] | undefined {
  const { request, digest } = decided.entry;
  const asked = askedSchema.safeParse(decided.entry['asked']);
  if (!asked.success) return undefined;
  const votes = entries.filter(
    ({ event, entry }) =>
      event === 'vote.cast' &&
      entry['request'] === request &&
      entry['digest'] === digest &&
      entry['choice'] === 'approve',
  );
  const people = new Set<string>();
  for (const [stage, { need }] of asked.data.entries()) {
    const before = people.size;
    for (const { entry } of votes) if (entry['stage'] === stage) people.add(String(entry['person']));
    if (people.size - before < need) return undefined;
  }
  return [...people].sort();
}
