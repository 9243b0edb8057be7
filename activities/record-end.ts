import { type Trouble } from '../db/tasks';
import { type RevokeResult } from '../domain/provider';
import { type TouchingDeps } from './deps';
import { effectEnded, grantEnded } from './entries';
import { type EffectKnown, type Ending } from './results';
import { type StepInHand } from './step-in-hand';

/**
 * Writes down how an attempt ended and what became of its credential, and says what the workflow needs to know. The ledger is told in the same
 * transaction, and the person who may have been asked is asked no more: once the row is settled, nobody comes back to do it.
 */
export function createRecordEnd({ db }: TouchingDeps) {
  return async function recordEnd(
    { action, step }: Pick<StepInHand, 'action' | 'step'>,
    attempt: { readonly attempt: number; readonly grantId: string },
    ending: Ending,
    revocation: RevokeResult,
    { kind, reconciled }: { readonly kind: 'do' | 'undo'; readonly reconciled: boolean } = {
      kind: 'do',
      reconciled: false,
    },
  ): Promise<EffectKnown> {
    const { tenant, action: actionId } = action;
    const revoked = revocation.kind !== 'live';
    const answer = answerOf({ actionId, step: step.id }, attempt.attempt, ending, kind, reconciled);
    await db.withTenant(tenant, async (client) => {
      const first = db.recordEffect(client, tenant, {
        actionId,
        step: step.id,
        kind,
        attempt: attempt.attempt,
        ...ending,
      });
      // That something was done is told in any case; any other end only by whoever settles the attempt, and not by a twin that was frozen meanwhile.
      const told = ending.state === 'done' || (await first);
      await Promise.all([
        first,
        db.recordRevocation(client, tenant, attempt.grantId, revocation),
        ...(answer === undefined ? [] : [db.withdrawTask(client, tenant, db.taskIdOf(answer.to), answer.found)]),
        db.appendWithin(client, tenant, [
          ...(told ? [effectEnded({ actionId, step: step.id, kind, ...attempt }, ending, reconciled)] : []),
          ...(revoked ? [grantEnded(attempt.grantId, revocation.kind)] : []),
        ]),
      ]);
    });
    if (ending.state === 'unknown') return { kind: 'unknown', revoked };
    if (ending.state === 'done' && ending.code === undefined) return { kind: 'done', revoked };
    return { kind: 'failed', code: ending.code ?? ending.state, revoked };
  };
}

/** What nobody needs to be asked any more. */
function answerOf(
  of: Pick<Trouble, 'actionId' | 'step'>,
  attempt: number,
  { state }: Ending,
  kind: 'do' | 'undo',
  reconciled: boolean,
): { readonly to: Trouble; readonly found: 'happened' | 'did_not_happen' | 'mended' } | undefined {
  if (kind === 'undo') return state === 'done' ? { to: { ...of, kind: 'undo_stuck' }, found: 'mended' } : undefined;
  if (!reconciled || state === 'unknown') return undefined;
  const found = state === 'absent' ? 'did_not_happen' : 'happened';
  return { to: { ...of, kind: 'unknown_outcome', attempt }, found };
}
