import { type RevokeResult } from '../domain/provider';
import { type StepRef, type TouchingDeps } from './deps';
import { effectOf } from './effect-of';
import { effectEnded, grantEnded } from './entries';
import { createIsRevoked } from './is-revoked';
import { type EffectKnown, type Ending } from './results';
import { answerOf } from './withdraw-answered';

/**
 * Writes down how an attempt ended and what became of its credential, and says what the workflow needs to know. The ledger is told in the same
 * transaction, and the person who may have been asked is asked no more: once the row is settled, nobody comes back to do it.
 */
export function createRecordEnd(deps: TouchingDeps) {
  const { db } = deps;
  const isRevoked = createIsRevoked(deps);

  return async function recordEnd(
    ref: StepRef,
    attempt: { readonly attempt: number; readonly grantId: string },
    ending: Ending,
    revocation: RevokeResult,
    { kind, reconciled }: { readonly kind: 'do' | 'undo'; readonly reconciled: boolean } = {
      kind: 'do',
      reconciled: false,
    },
  ): Promise<EffectKnown> {
    const { tenant, actionId, stepId: step } = ref;
    const revoked = revocation.kind !== 'live';
    // Of an effect that is done at the first go nobody was asked: most end so.
    const answer =
      kind === 'undo' || reconciled
        ? answerOf(ref, { kind, attempt: attempt.attempt, state: ending.state })
        : undefined;
    const settled = await db.withTenant(tenant, async (client) => {
      const first = db.recordEffect(client, tenant, {
        actionId,
        step,
        kind,
        attempt: attempt.attempt,
        ...ending,
      });
      // That something was done is told in any case, and waits for nothing: where the row says otherwise, it is still evidence of what the target said.
      // Any other end is told, and a question to a person answered, only by whoever settles the attempt, and not by a twin that was frozen meanwhile.
      const told = ending.state === 'done' || (await first);
      const answers = answer !== undefined && (await first);
      await Promise.all([
        first,
        db.recordRevocation(client, tenant, attempt.grantId, revocation),
        ...(answers ? [db.withdrawTask(client, tenant, db.taskIdOf(answer.to), answer.found)] : []),
        db.appendWithin(client, tenant, [
          ...(told ? [effectEnded({ actionId, step, kind, ...attempt }, ending, reconciled)] : []),
          ...(revoked ? [grantEnded(attempt.grantId, revocation.kind)] : []),
        ]),
      ]);
      return await first;
    });
    return settled ? knownOf(ending, revoked) : knownOf(await standing(ref, kind), await isRevoked(ref));
  };

  /** What holds is what the row says, whoever wrote it. Of what did not happen, or was begun anew, whoever looks again finds out. */
  async function standing({ tenant, actionId, stepId }: StepRef, kind: 'do' | 'undo'): Promise<Ending> {
    const effects = await db.readAsTenant(tenant, (client) => db.loadEffects(client, tenant, actionId));
    const row = effectOf(effects, stepId, kind);
    if (row?.state !== 'done' && row?.state !== 'failed') return { state: 'unknown' };
    return { state: row.state, ...(row.code !== null && { code: row.code }) };
  }
}

function knownOf({ state, code }: Ending, revoked: boolean): EffectKnown {
  if (state === 'unknown') return { kind: 'unknown', revoked };
  if (state === 'done' && code === undefined) return { kind: 'done', revoked };
  return { kind: 'failed', code: code ?? state, revoked };
}
