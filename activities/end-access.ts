import { ApplicationFailure } from '@temporalio/common';
import { type LentGrant } from '../db/load-lent-grant';
import { type StepRef, type TouchingDeps } from './deps';
import { createEndGrant } from './end-grant';
import { effectEnded } from './entries';
import { type AccessEnd, type Ending } from './results';

/**
 * Ends access of an agent's own, whatever ended its right to it, and writes down what is known of it: nothing at all where it was never claimed,
 * and else what the agent said. Rejects while the credential is alive: tried for ever, as every revocation.
 */
export function createEndAccess(deps: TouchingDeps) {
  const { db } = deps;
  const endGrant = createEndGrant(deps);

  return async function endAccess({ tenant, actionId, stepId }: StepRef): Promise<AccessEnd> {
    const load = async (): Promise<LentGrant | undefined> =>
      await db.withTenant(tenant, async (client) => await db.loadLentGrant(client, tenant, actionId, stepId));
    const lent = await load();
    if (lent === undefined) return { kind: 'stopped', stopped: 'denied', code: 'action_closed' };
    // Whoever ended it has that from its target, which need not be there any more to say it again.
    if (!lent.revoked && !(await endGrant(tenant, lent)))
      throw ApplicationFailure.retryable('a credential is still alive; trying on', 'grant_live');
    // Nothing changes any more, now that it is revoked.
    const { attempt, grantId, ...known } = (await load()) ?? lent;
    const ending = endingOf(known);
    const ended = { actionId, step: stepId, kind: 'do', attempt } as const;
    await db.withTenant(tenant, async (client) => {
      if (!(await db.recordEffect(client, tenant, { ...ended, ...ending }))) return;
      await db.appendWithin(client, tenant, [effectEnded({ ...ended, grantId }, ending, false)]);
    });
    return ending.state === 'done' ? { kind: 'done' } : { kind: 'stopped', ...stopOf(known) };
  };
}

/**
 * What an agent did with access that could change something, and did not report as done, nobody knows: a person has to look. With access that
 * could only read, nothing can stand.
 */
function endingOf(grant: Pick<LentGrant, 'ended' | 'returnedAs' | 'report' | 'minted' | 'effectClass'>): Ending {
  if (grant.returnedAs === 'done') return { state: 'done', result: { reportedByAgent: grant.report } };
  const { code } = stopOf(grant);
  if (!grant.minted) return { state: 'absent', code };
  return { state: grant.effectClass === 'read' ? 'failed' : 'unknown', code };
}

function stopOf({ ended, minted }: Pick<LentGrant, 'ended' | 'minted'>): Omit<AccessEnd & { kind: 'stopped' }, 'kind'> {
  if (ended === 'returned') return { stopped: 'failed', code: 'agent_failed' };
  if (ended === 'cancelled') return { stopped: 'cancelled', code: minted ? 'grant_lapsed' : 'cancelled_on_request' };
  if (ended === 'fenced') return { stopped: 'denied', code: minted ? 'grant_lapsed' : 'scope_fenced' };
  if (ended === 'agent_not_active') return { stopped: 'denied', code: minted ? 'grant_lapsed' : 'agent_not_active' };
  return { stopped: 'expired', code: minted ? 'grant_lapsed' : 'grant_unclaimed' };
}
