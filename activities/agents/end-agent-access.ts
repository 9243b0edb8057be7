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

/** Half of what one try is given (workflows/proxies.ts): the page that is begun last has as much. What is left then, the next try goes on with. */
const GOES_ON_MS = 15_000;

/** Ends every credential of the agent that lives, and then asks each target what it still has: a revocation is what we did, not what is. */
export function createEndAgentAccess(deps: TouchingDeps) {
  const { db, providers, monotonicMs } = deps;
  const endGrant = createEndGrant(deps);

  return async function endAgentAccess(ref: AgentRef): Promise<AccessLeft> {
    const until = monotonicMs() + GOES_ON_MS;
    return { live: await endLiving(ref, until), unanswered: await lookForEnded(ref, until) };
  };

  /** Page by page, as long as a whole page ends: the next one has others. Answers with how many of the last one live. */
  async function endLiving({ tenant, agent, generation }: AgentRef, until: number): Promise<number> {
    for (;;) {
      const living = await db.readAsTenant(tenant, (client) => db.liveGrantsOf(client, tenant, agent, generation));
      if (living.length === 0 || monotonicMs() >= until) return living.length;
      const dead = await Promise.all(living.map((grant) => endGrant(tenant, grant)));
      const live = dead.filter((is) => !is).length;
      if (live > 0) return live;
    }
  }

  /** Page by page, those that ended last first. What was answered is on no other page; with what ended before the fence, one page is enough. */
  async function lookForEnded({ tenant, agent, generation }: AgentRef, until: number): Promise<readonly string[]> {
    for (;;) {
      const ended = await db.readAsTenant(tenant, (client) => db.unverifiedGrantsOf(client, tenant, agent, generation));
      if (ended.length === 0) return [];
      if (monotonicMs() >= until) return targetsOf(ended.filter(({ waitedFor }) => waitedFor));
      const answers = await Promise.all((await byTarget(ended)).map((group) => lookFor(tenant, group)));
      const unanswered = answers.filter((id) => id !== undefined);
      if (unanswered.length > 0 || !ended.every(({ waitedFor }) => waitedFor)) return unanswered;
    }
  }

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
  async function lookFor(tenant: string, group: Group): Promise<string | undefined> {
    const { target, id, grants } = group;
    const grantIds = grants.map(({ grantId }) => grantId);
    const found = target && (await providers[target.provider].inspect?.({ target, grantIds }));
    if (found?.kind === 'unanswered') return grants.some(({ waitedFor }) => waitedFor) ? id : undefined;
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

function targetsOf(grants: readonly EndedGrant[]): readonly string[] {
  return [...new Set(grants.map(({ target }) => target))];
}
