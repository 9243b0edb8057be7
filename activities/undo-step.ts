import { ApplicationFailure } from '@temporalio/common';
import { type Opened } from '../db/begin-effect';
import { type EffectRecord } from '../db/load-effects';
import { LIMITS } from '../domain/limits';
import { MAY_SUCCEED_LATER } from '../domain/provider';
import { type StepRef, type TouchingDeps } from './deps';
import { createIsRevoked } from './is-revoked';
import { createRecordEnd } from './record-end';
import { type Ending } from './results';
import { callOf, refOf, type StepInHand, takeStep } from './step-in-hand';
import { createWithdrawAnswered } from './withdraw-answered';

export type UndoResult = { readonly kind: 'undone' | 'stuck'; readonly revoked: boolean };

/**
 * Takes one step back, under a credential of its own. Its key is the same on every attempt, and the target does one key
 * once: so an undo whose reply was lost is simply sent again, once the earlier one cannot be accepted any more. Rejects
 * while the target is away, to be retried; `stuck` when it refuses or has no way back.
 */
export function createUndoStep(deps: TouchingDeps) {
  const { db, monotonicMs } = deps;
  const recordEnd = createRecordEnd(deps);
  const isRevoked = createIsRevoked(deps);
  const withdrawAnswered = createWithdrawAnswered(deps);

  return async function undoStep(ref: StepRef): Promise<UndoResult> {
    const hand = await takeStep(deps, ref);
    // What nobody could find out may stand at its target, and nothing says how to take it back.
    if (hand === undefined || hand.done?.state === 'begun' || hand.done?.state === 'unknown')
      return { kind: 'stuck', revoked: false };
    // Of all that the step was begun with, and not of this attempt alone: a workflow that was started again knows of none.
    const ended = async (kind: UndoResult['kind']): Promise<UndoResult> => ({ kind, revoked: await isRevoked(ref) });
    if (hand.done?.state !== 'done') return await ended('undone');
    const undo = hand.step.undo;
    if (undo === undefined || hand.undone?.state === 'failed') return await ended('stuck');
    if (hand.undone?.state === 'done') {
      await withdrawAnswered(ref, hand.undone);
      return await ended('undone');
    }
    if (hand.undone !== undefined && hand.undone.state !== 'absent') {
      // What a person has mended is not sent again; and what became of this attempt, only its target knows.
      const mended = await isMended(ref);
      await giveUpOn(hand, hand.undone, mended ? MENDED : SENT_AGAIN);
      if (mended) return await ended('stuck');
    }

    const sendBy = monotonicMs() + LIMITS.sendWithinMs;
    const beginning = await begin(hand);
    if (beginning === undefined) return await ended('stuck');
    const withinMs = sendBy - monotonicMs();
    // Frozen for too long, as an effect may be: whoever comes next may count on this attempt being over.
    const result =
      withinMs <= 0
        ? ({ kind: 'failed', code: 'not_sent' } as const)
        : await hand.provider.undo(callOf(hand, undo, beginning.idempotencyKey, beginning.grantId, withinMs));
    const revocation = await hand.provider.revoke({ grantId: beginning.grantId, target: hand.target, expired: false });
    const recorded = await recordEnd(refOf(hand), beginning, endOf(result), revocation, {
      kind: 'undo',
      reconciled: false,
    });
    if (recorded.kind === 'done') return await ended('undone');
    if (recorded.kind === 'failed' && !MAY_SUCCEED_LATER.has(recorded.code)) return await ended('stuck');
    throw ApplicationFailure.retryable('the target did not take the undo yet', 'undo_unanswered');
  };

  async function isMended({ tenant, actionId, stepId: step }: StepRef): Promise<boolean> {
    const id = db.taskIdOf({ actionId, step, kind: 'undo_stuck' });
    const task = await db.readAsTenant(tenant, async (client) => await db.findTask(client, tenant, id));
    return task?.state === 'resolved';
  }

  /** `undefined`: a person has mended it, or its action has ended, and what that did stands. */
  async function begin({ action, step, target }: StepInHand): Promise<Opened | undefined> {
    const { tenant, action: actionId } = action;
    const claim = {
      actionId,
      step: step.id,
      target: target.id,
      sendWithinMs: LIMITS.sendWithinMs,
      grantTtlMs: LIMITS.sendWithinMs + LIMITS.clockSkewMs,
    };
    const beginning = await db.withTenant(tenant, async (client) => await db.beginUndo(client, tenant, claim));
    if ('begun' in beginning) return beginning.begun;
    if (beginning.refused === 'mended_by_person' || beginning.refused === 'action_closed') return undefined;
    // `begun_before`: a twin of this activity is at it. It will have settled by the next try.
    throw ApplicationFailure.retryable('the undo is under way', beginning.refused);
  }

  /** An attempt without an end: waits until its credential is dead. Only one that is taken for absent lets the next begin. */
  async function giveUpOn(hand: StepInHand, row: EffectRecord, ending: Ending): Promise<void> {
    const stillOpenMs = row.openForMs + LIMITS.clockSkewMs;
    if (stillOpenMs > 0) await deps.pause(stillOpenMs);
    const revocation = await hand.provider.revoke({ grantId: row.grantId, target: hand.target, expired: true });
    await recordEnd(refOf(hand), row, ending, revocation, { kind: 'undo', reconciled: true });
  }
}

const SENT_AGAIN: Ending = { state: 'absent', code: 'undo_sent_again' };
const MENDED: Ending = { state: 'unknown', code: 'mended_by_person' };

function endOf(result: Awaited<ReturnType<StepInHand['provider']['undo']>>): Ending {
  if (result.kind === 'done') return { state: 'done', result: result.result };
  if (result.kind === 'unknown') return { state: 'unknown', code: result.code };
  return { state: MAY_SUCCEED_LATER.has(result.code) ? 'absent' : 'failed', code: result.code };
}
