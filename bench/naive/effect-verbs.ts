import { type StepRef, type TouchingDeps } from '../../activities/deps';
import { doneAs } from '../../activities/done-as';
import { grantEnded } from '../../activities/entries';
import { type Begun, createPreflight } from '../../activities/preflight';
import { callOf, type StepInHand, takeStep } from '../../activities/step-in-hand';
import { LIMITS } from '../../domain/limits';
import { type EffectResult } from '../../domain/provider';
import { otherwise } from './otherwise';

type BegunStep = StepRef & { readonly begun: Begun };

export interface EffectVerbs {
  beginEffect(ref: StepRef): Promise<Begun>;
  send(step: BegunStep): Promise<EffectResult>;
  verify(step: BegunStep & { readonly sent: EffectResult }): Promise<void>;
  revoke(step: BegunStep): Promise<void>;
}

/** What touches a target, each verb with a transaction of its own and its own word to the ledger, made of Countersign's queries and calls. */
export function createEffectVerbs(deps: TouchingDeps): EffectVerbs {
  const { db, ledger } = deps;
  const preflight = createPreflight(deps);
  const inHand = async (ref: StepRef): Promise<StepInHand> => (await takeStep(deps, ref)) ?? otherwise('no step');

  return {
    async beginEffect(ref: StepRef): Promise<Begun> {
      const cleared = await preflight(await inHand(ref));
      return cleared.kind === 'cleared' ? cleared.beginning : otherwise(cleared.kind);
    },

    async send({ begun, ...ref }: BegunStep): Promise<EffectResult> {
      const hand = await inHand(ref);
      // The whole window: on a slow machine the round trips since the beginning take longer than that, and what is measured would not end.
      const within = LIMITS.sendWithinMs;
      return await hand.provider.execute(callOf(hand, hand.step.do, begun.idempotencyKey, begun.grantId, within));
    },

    async verify({ begun, sent, ...ref }: BegunStep & { readonly sent: EffectResult }): Promise<void> {
      const { tenant, actionId, stepId: step } = ref;
      if (sent.kind !== 'done') return otherwise(sent.kind);
      const ending = doneAs(await inHand(ref), sent.result);
      const { attempt } = begun;
      await db.withTenant(tenant, async (client) => {
        await db.recordEffect(client, tenant, { actionId, step, kind: 'do', attempt, ...ending });
      });
      const entry = { action: actionId, step, kind: 'do', attempt, grant: begun.grantId };
      const key = `effect/${actionId}/${step}/do/${String(attempt)}/${ending.state}`;
      await ledger.append(tenant, [{ key, event: `effect.${ending.state}`, entry }]);
    },

    async revoke({ begun, ...ref }: BegunStep): Promise<void> {
      const { provider, target } = await inHand(ref);
      const revocation = await provider.revoke({ grantId: begun.grantId, target, expired: false });
      if (revocation.kind === 'live') return otherwise('still live');
      await db.withTenant(ref.tenant, async (client) => {
        await db.recordRevocation(client, ref.tenant, begun.grantId, revocation);
      });
      await ledger.append(ref.tenant, [grantEnded(begun.grantId, revocation.kind)]);
    },
  };
}
