import { type WitnessRecord } from '../services/witness-book';

/** What the services saw of one action. */
export interface Witnessed {
  readonly actionId: string;
  readonly payments: number;
  /** Bookings that stand: made and not deleted. */
  readonly standingBookings: number;
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

/** Adds up the books of the services. Nothing here comes from Countersign but the names that calls bore. */
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
  const net: Record<string, number> = {};
  for (const { amountMinor, currency } of effects) {
    if (amountMinor !== undefined && currency !== undefined) net[currency] = (net[currency] ?? 0) + amountMinor;
  }
  return {
    actionId,
    payments: count('createPayment'),
    standingBookings: count('insertBooking') - count('deleteBooking'),
    net,
  };
}

function repeated(
  effects: readonly WitnessRecord[],
  nameOf: (effect: WitnessRecord) => string,
): readonly WitnessRecord[] {
  const seen = new Set<string>();
  return effects.filter((effect) => seen.size === seen.add(nameOf(effect)).size);
}
