import { type EndedGrant } from '../../db/offboarding';
import { type Target } from '../../domain/documents';
import { decidedCatalogue } from '../decided-catalogue';
import { type TouchingDeps } from '../deps';
import { createEndGrant } from '../end-grant';
import { grantFoundAlive } from '../entries';
import { type AgentRef } from './agent-ref';

/** What lives still, or could not be looked for; asked again until nothing is. */
export interface AccessLeft {
  readonly live: number;
  /** Targets that did not answer, and that the receipt waits for. */
  readonly unanswered: readonly string[];
}

/** Ends every credential of the agent that lives, and then asks each target what it still has: a revocation is what we did, not what is. */
export function createEndAgentAccess(deps: TouchingDeps) {
  const { db, providers } = deps;
  const endGrant = createEndGrant(deps);

  return async function endAgentAccess({ tenant, agent, generation }: AgentRef): Promise<AccessLeft> {
    const living = await db.readAsTenant(tenant, (client) => db.liveGrantsOf(client, tenant, agent, generation));
    const dead = await Promise.all(living.map((grant) => endGrant(tenant, grant)));
    const { ended, waitedFor } = await db.readAsTenant(tenant, async (client) => ({
      ended: await db.unverifiedGrantsOf(client, tenant, agent, generation),
      waitedFor: new Set((await db.leftOfAgent(client, tenant, agent, generation)).map(({ subject }) => subject)),
    }));
    const unanswered = await Promise.all((await byTarget(ended)).map((group) => lookFor(tenant, group, waitedFor)));
    return { live: dead.filter((is) => !is).length, unanswered: unanswered.filter((id) => id !== undefined) };
  };

  interface Group {
    readonly target: Target | undefined;
    readonly id: string;
    readonly grants: EndedGrant[];
  }

  /** Each target is asked once, as it was when its credentials were made. */
  async function byTarget(ended: readonly EndedGrant[]): Promise<readonly Group[]> {
    const groups = new Map<string, Group>();
    for (const grant of ended) {
      const { targets } = await decidedCatalogue(deps, grant);
      const key = `${grant.decidedUnder ?? ''}/${grant.target}`;
      const group = groups.get(key) ?? { target: targets[grant.target], id: grant.target, grants: [] };
      group.grants.push(grant);
      groups.set(key, group);
    }
    return [...groups.values()];
  }

  /**
   * Answers with the target's id where it did not answer, and the receipt waits for that. What ended before the agent was fenced, or what a person
   * answers for, is asked about all the same: a target that is gone for good would otherwise keep the agent for ever.
   */
  async function lookFor(tenant: string, group: Group, waitedFor: ReadonlySet<string>): Promise<string | undefined> {
    const { target, id, grants } = group;
    const grantIds = grants.map(({ grantId }) => grantId);
    const found = target && (await providers[target.provider].inspect?.({ target, grantIds }));
    if (found?.kind === 'unanswered') return grantIds.some((grantId) => waitedFor.has(grantId)) ? id : undefined;
    const alive = new Set(found?.alive);
    const absent = grantIds.filter((grantId) => !alive.has(grantId));
    await db.withTenant(tenant, async (client) => {
      await db.recordVerified(client, tenant, absent, found === undefined ? 'unverified' : 'absent');
      const reopened = await db.reopenGrants(client, tenant, [...alive]);
      await db.appendWithin(client, tenant, reopened.map(grantFoundAlive));
    });
    return alive.size === 0 ? undefined : id;
  }
}
