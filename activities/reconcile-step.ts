import { type EffectRecord } from '../db/load-effects';
import { LIMITS } from '../domain/limits';
import { type StatusResult, statusGrantId } from '../domain/provider';
import { type StepRef, type TouchingDeps } from './deps';
import { doneAs } from './done-as';
import { effectOf } from './effect-of';
import { createIsRevoked } from './is-revoked';
import { createWithdrawAnswered } from './withdraw-answered';
import { createRecordEnd } from './record-end';
import { type EffectKnown, type Ending, type StepFound } from './results';
import { callOf, refOf, type StepInHand, takeStep } from './step-in-hand';

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

  return async function reconcile(hand: StepInHand): Promise<Known> {
    const { target, provider, done: row } = hand;
    const revoked = async (): Promise<boolean> => await isRevoked(refOf(hand));
    if (row === undefined) return { kind: 'not_done', attempts: 0, revoked: true };
    if (row.state !== 'begun' && row.state !== 'unknown') {
      await withdrawAnswered(refOf(hand), row);
      return settled(row, await revoked());
    }

    const stillOpenMs = row.openForMs + LIMITS.clockSkewMs;
    if (stillOpenMs > 0) await pause(stillOpenMs);
    const told = await resolvedByPerson(hand, row);
    const ending = told ?? endOf(hand, await ask(hand, row));
    const revocation = await provider.revoke({ grantId: row.grantId, target, expired: true });
    const recorded = await recordEnd(hand, row, ending, revocation, { kind: 'do', reconciled: true });
    // A credential of an earlier attempt may be alive, too.
    const known = { ...recorded, revoked: recorded.revoked && (await revoked()) };
    return ending.state === 'absent' && known.kind === 'failed'
      ? { kind: 'not_done', attempts: row.attempt, revoked: known.revoked }
      : known;
  };

  /** Under a credential of its own: that of the attempt is dead by now. */
  async function ask(hand: StepInHand, row: EffectRecord): Promise<StatusResult> {
    return await hand.provider.status(
      callOf(hand, hand.step.status, row.idempotencyKey, statusGrantId(row.grantId), LIMITS.sendWithinMs),
    );
  }

  /** A person's word, where the target could not say. What they saw there is not ours to check, so the result is empty. */
  async function resolvedByPerson(
    { action, step }: StepInHand,
    { attempt }: EffectRecord,
  ): Promise<Ending | undefined> {
    const id = db.taskIdOf({ actionId: action.action, step: step.id, kind: 'unknown_outcome', attempt });
    const task = await db.withTenant(action.tenant, async (client) => await db.findTask(client, action.tenant, id));
    if (task?.state !== 'resolved') return undefined;
    return task.resolution === 'did_not_happen'
      ? { state: 'absent', code: 'resolved_by_person' }
      : { state: 'done', result: {} };
  }
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
  const isRevoked = createIsRevoked(deps);

  return async function reconcileStep(ref: StepRef): Promise<StepFound> {
    const hand = await takeStep(deps, ref);
    if (hand === undefined)
      return (await mayStand(ref))
        ? { kind: 'unknown', revoked: false }
        : { kind: 'not_done', revoked: await isRevoked(ref) };
    const known = await reconcile(hand);
    return known.kind === 'not_done' ? { kind: 'not_done', revoked: known.revoked } : known;
  };

  /** Of a step that the bundle in force does not know any more: whether it was ever begun under one that did. */
  async function mayStand({ tenant, actionId, stepId }: StepRef): Promise<boolean> {
    const effects = await db.readAsTenant(tenant, (client) => db.loadEffects(client, tenant, actionId));
    const begun = effectOf(effects, stepId, 'do');
    return begun !== undefined && begun.state !== 'absent';
  }
}
