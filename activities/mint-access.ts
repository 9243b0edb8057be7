import { ApplicationFailure } from '@temporalio/common';
import { type StepRef, type TouchingDeps } from './deps';
import { takeStep } from './step-in-hand';

/**
 * Makes the credential that an agent has claimed, sealed for the agent's key. Postgres is asked before it is made, and again before anybody can
 * have it: what was stopped in between is ended here, and never handed out. Rejects while the target does not take it; until the grant is over.
 */
export function createMintAccess(deps: TouchingDeps) {
  const { db, monotonicMs } = deps;

  return async function mintAccess(ref: StepRef): Promise<void> {
    const { tenant, actionId, stepId } = ref;
    const hand = await takeStep(deps, ref);
    const issue = hand?.provider.issue?.bind(hand.provider);
    if (hand?.done === undefined || issue === undefined)
      throw ApplicationFailure.retryable('there is nothing to make a credential of', 'not_found');
    const { target, step } = hand;
    const { grantId } = hand.done;
    // It may be known as revoked by now, so nobody else would come for it before the sweep.
    const endAgain = async (): Promise<void> => {
      const ended = await hand.provider.revoke({ grantId, target, expired: false });
      if (ended.kind === 'live')
        throw ApplicationFailure.retryable(`a credential of ${actionId}/${stepId} is still alive`, ended.code);
    };
    const asked = monotonicMs();
    const beginning = await begin(tenant, grantId);
    // A run before this one may have made it after the end, and failed to end it.
    if ('refused' in beginning) return beginning.refused === 'grant_over' ? await endAgain() : undefined;
    const { claim, mint, key, leftMs } = beginning.begun;
    const withinMs = leftMs - (monotonicMs() - asked);
    const issued = await issue({ target, operation: step.do, grantId, withinMs, publicKey: key });
    if (issued.kind === 'failed')
      throw ApplicationFailure.retryable('the target did not make the credential', issued.code);
    // Only the last mint is handed out. A twin of it that the target heard later still leaves the agent with a password that no longer works:
    // it claims under another key then. Nothing is open through that, as both are one role, which ends with the grant.
    const minted = { grantId, claim, mint, jwe: issued.jwe };
    const refused = await record(tenant, minted);
    if (refused === 'grant_over') await endAgain();
  };

  async function begin(tenant: string, grantId: string): ReturnType<typeof db.beginMint> {
    return await db.withTenant(tenant, async (client) => await db.beginMint(client, tenant, grantId));
  }

  async function record(tenant: string, minted: Parameters<typeof db.recordMint>[2]): ReturnType<typeof db.recordMint> {
    return await db.withTenant(tenant, async (client) => await db.recordMint(client, tenant, minted));
  }
}
