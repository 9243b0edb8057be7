import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyReceipt } from '../../evidence/receipt';
import { type Stage } from './stage';

/** What `npm run demo:lifecycle -- --json` prints. */
export interface Tally {
  readonly agents: number;
  readonly actions: number;
  readonly executed: number;
  readonly stopped: number;
  /** Requests that were taken and have no end, or ended as executed where the bank saw nothing, or not once. */
  readonly lostActions: number;
  /** Actions that the bank carried out more than once. */
  readonly duplicateEffects: number;
  readonly effectsAfterFence: number;
  readonly liveGrantsAfterOffboard: number;
  readonly receiptVerified: boolean;
  readonly rotationFailures: number;
}

const OPEN = new Set(['pending', 'unknown']);

/** Counts by what the bank itself has in its book, not by what the gateway answered. */
export function tallyOf(
  { fleet, ended, services, home }: Stage,
  found: Pick<Tally, 'effectsAfterFence' | 'rotationFailures'> & {
    readonly receipt: string;
    readonly liveGrants: readonly unknown[];
  },
): Tally {
  const paid = new Map<string, number>();
  for (const { kind, operation, actionId } of services.payments.book.records())
    if (kind === 'effect' && operation === 'createPayment' && actionId !== undefined)
      paid.set(actionId, (paid.get(actionId) ?? 0) + 1);
  const taken = ended.filter(({ id }) => id !== undefined);
  const executed = taken.filter(({ kind }) => kind === 'executed');
  const unseen = executed.filter(({ id }) => paid.get(id ?? '') === undefined);
  const key = createPublicKey(readFileSync(join(home, 'keys', 'checkpoint.pub.pem')));
  return {
    agents: fleet.length,
    actions: taken.length,
    executed: executed.length,
    stopped: ended.length - executed.length,
    lostActions: taken.filter(({ kind }) => OPEN.has(kind)).length + unseen.length,
    duplicateEffects: [...paid.values()].filter((times) => times > 1).length,
    effectsAfterFence: found.effectsAfterFence,
    liveGrantsAfterOffboard: found.liveGrants.length,
    receiptVerified: verifyReceipt(JSON.parse(found.receipt), key).ok,
    rotationFailures: found.rotationFailures,
  };
}

/** What must not be. Empty: all is well. */
export function wrongIn(tally: Tally): readonly string[] {
  const { lostActions, duplicateEffects, effectsAfterFence, liveGrantsAfterOffboard, rotationFailures } = tally;
  const none = { lostActions, duplicateEffects, effectsAfterFence, liveGrantsAfterOffboard, rotationFailures };
  return [
    ...Object.entries(none).flatMap(([name, count]) => (count === 0 ? [] : [`${name} is ${String(count)}`])),
    ...(tally.receiptVerified ? [] : ['the receipt does not hold']),
    ...(tally.actions >= 200 ? [] : [`only ${String(tally.actions)} actions were taken`]),
  ];
}
