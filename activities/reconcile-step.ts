import { type EffectRecord } from '../db/load-effects';
import { LIMITS } from '../domain/limits';
import { type RevokeResult, type StatusResult, statusGrantId, TARGET_UNKNOWN } from '../domain/provider';
import { type StepRef, type TouchingDeps } from './deps';
import { doneAs } from './done-as';
import { effectOf } from './effect-of';
import { createIsRevoked } from './is-revoked';
import { createWithdrawAnswered } from './withdraw-answered';
import { createRecordEnd } from './record-end';
import { type EffectKnown, type Ending, type StepFound } from './results';
import { callOf, type StepInHand, takeStep } from './step-in-hand';

/** What is known about a step so far. `not_done`: certainly not, and it may be begun. */
type Known = EffectKnown | { readonly kind: 'not_done'; readonly attempts: number; readonly revoked: boolean };

/**
 * Finds out what became of an attempt that was begun and not settled: a worker died, or a reply was lost. The target is
 * asked by idempotency key, but only once its credential cannot be accepted any more: then "no such thing" is final,
 * for a request still on its way would be refused. Nothing is sent again before that.
 */
export function createReconcile(deps: TouchingDeps) {
  const { db, pause } = deps;
  const recordEnd = createRecordEnd(deps);
  const isRevoked = createIsRevoked(deps);
  const withdrawAnswered = createWithdrawAnswered(deps);

  /** `hand` is `undefined` where nobody has a bundle any more that knows the step: then only its row is left, and a person. */
  return async function reconcile(
    ref: StepRef,
    row: EffectRecord | undefined,
    hand: StepInHand | undefined,
  ): Promise<Known> {
    const revoked = async (): Promise<boolean> => await isRevoked(ref);
    if (row === undefined) return { kind: 'not_done', attempts: 0, revoked: true };
    if (row.state !== 'begun' && row.state !== 'unknown') {
      await withdrawAnswered(ref, row);
      return settled(row, await revoked());
    }

    const stillOpenMs = row.openForMs + LIMITS.clockSkewMs;
    if (stillOpenMs > 0) await pause(stillOpenMs);
    const ending = (await resolvedByPerson(ref, row)) ?? (await ask(hand, row));
    const revocation = await revoke(hand, row);
    const recorded = await recordEnd(ref, row, ending, revocation, { kind: 'do', reconciled: true });
    // A credential of an earlier attempt may be alive, too.
    const known = { ...recorded, revoked: await revoked() };
    return ending.state === 'absent' && known.kind === 'failed'
      ? { kind: 'not_done', attempts: row.attempt, revoked: known.revoked }
      : known;
  };

  /** Under a credential of its own: that of the attempt is dead by now. */
  async function ask(hand: StepInHand | undefined, row: EffectRecord): Promise<Ending> {
    if (hand === undefined) return { state: 'unknown', code: TARGET_UNKNOWN };
    const status = await hand.provider.status(
      callOf(hand, hand.step.status, row.idempotencyKey, statusGrantId(row.grantId), LIMITS.sendWithinMs),
    );
    return endOf(hand, status);
  }

  /** A person's word, where the target could not say. What they saw there is not ours to check, so the result is empty. */
  async function resolvedByPerson(
    { tenant, actionId, stepId: step }: StepRef,
    { attempt }: EffectRecord,
  ): Promise<Ending | undefined> {
    const id = db.taskIdOf({ actionId, step, kind: 'unknown_outcome', attempt });
    const task = await db.withTenant(tenant, async (client) => await db.findTask(client, tenant, id));
    if (task?.state !== 'resolved') return undefined;
    return task.resolution === 'did_not_happen'
      ? { state: 'absent', code: 'resolved_by_person' }
      : { state: 'done', result: {} };
  }
}

async function revoke(hand: StepInHand | undefined, { grantId }: EffectRecord): Promise<RevokeResult> {
  if (hand === undefined) return { kind: 'live', code: TARGET_UNKNOWN };
  return await hand.provider.revoke({ grantId, target: hand.target, expired: true });
}

function endOf(hand: StepInHand, status: StatusResult): Ending {
  switch (status.kind) {
    case 'found':
      return doneAs(hand, status.result);
    case 'absent':
      return { state: 'absent', code: 'not_there' };
    case 'unanswered':
      return { state: 'unknown', code: status.code };
  }
}

function settled(row: EffectRecord, revoked: boolean): Known {
  if (row.state === 'absent') return { kind: 'not_done', attempts: row.attempt, revoked };
  if (row.state === 'done' && row.code === null) return { kind: 'done', revoked };
  return { kind: 'failed', code: row.code ?? 'effect_refused', revoked };
}

/** The same as an activity of its own: only asks, never sends. */
export function createReconcileStep(deps: TouchingDeps) {
  const { db } = deps;
  const reconcile = createReconcile(deps);

  return async function reconcileStep(ref: StepRef): Promise<StepFound> {
    const hand = await takeStep(deps, ref);
    const known = await reconcile(ref, hand === undefined ? await rowOf(ref) : hand.done, hand);
    return known.kind === 'not_done' ? { kind: 'not_done', revoked: known.revoked } : known;
  };

  async function rowOf({ tenant, actionId, stepId }: StepRef): Promise<EffectRecord | undefined> {
    const effects = await db.readAsTenant(tenant, (client) => db.loadEffects(client, tenant, actionId));
    return effectOf(effects, stepId, 'do');
  }
}
