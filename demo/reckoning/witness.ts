import { type WitnessRecord } from '../services/witness-book';

/** What the targets saw of one action. */
export interface Witnessed {
  readonly actionId: string;
  readonly payments: number;
  /** Bookings that stand: made and not deleted. */
  readonly standingBookings: number;
  /** Postings in the general ledger that stand: made and not reversed. */
  readonly standingPostings: number;
  /** What stands posted, in minor units; by currency. */
  readonly posted: Readonly<Record<string, number>>;
  /** What left the house and did not come back, in minor units; by currency. */
  readonly net: Readonly<Record<string, number>>;
}

export interface WitnessSummary {
  /** Everything that changed something, in the order of the books. */
  readonly effects: readonly WitnessRecord[];
  readonly payments: readonly WitnessRecord[];
  /** Effects that should have been repetitions: one key that worked twice, or one invoice that was paid twice. */
  readonly duplicates: readonly WitnessRecord[];
  readonly byAction: ReadonlyMap<string, Witnessed>;
}

const NO_ACTION = 'none';

/** Adds up what services and database wrote down. Nothing here comes from Countersign but the names that calls bore. */
export function summarise(records: readonly WitnessRecord[]): WitnessSummary {
  const effects = records.filter(({ kind }) => kind === 'effect');
  const payments = effects.filter(({ operation }) => operation === 'createPayment');
  const byAction = new Map<string, Witnessed>();
  for (const actionId of new Set(effects.map((effect) => effect.actionId ?? NO_ACTION))) {
    byAction.set(
      actionId,
      witnessed(
        actionId,
        effects.filter((effect) => (effect.actionId ?? NO_ACTION) === actionId),
      ),
    );
  }
  return {
    effects,
    payments,
    duplicates: [
      ...repeated(effects, (effect) => `${effect.service} ${effect.operation} ${effect.key ?? ''}`),
      ...repeated(payments, ({ invoiceId }) => invoiceId ?? ''),
    ],
    byAction,
  };
}

function witnessed(actionId: string, effects: readonly WitnessRecord[]): Witnessed {
  const count = (operation: string): number => effects.filter((effect) => effect.operation === operation).length;
  return {
    actionId,
    payments: count('createPayment'),
    standingBookings: count('insertBooking') - count('deleteBooking'),
    standingPostings: count('insertPosting') - count('reversePosting'),
    posted: sums(effects.filter(({ service }) => service === 'books')),
    net: sums(effects.filter(({ service }) => service === 'payments')),
  };
}

function sums(effects: readonly WitnessRecord[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (const { amountMinor, currency } of effects) {
    if (amountMinor !== undefined && currency !== undefined) sum[currency] = (sum[currency] ?? 0) + amountMinor;
  }
  return sum;
}

function repeated(
  effects: readonly WitnessRecord[],
  nameOf: (effect: WitnessRecord) => string,
): readonly WitnessRecord[] {
  const seen = new Set<string>();
  return effects.filter((effect) => seen.size === seen.add(nameOf(effect)).size);
}
