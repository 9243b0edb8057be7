import { type RequestToReroute } from '../../db/departures';
import { type OpenStage } from '../../domain/approval';
import { type Approvers } from '../../domain/open-stages';
import { canBeFilled } from '../../domain/can-be-filled';
import { type DecidingDeps } from '../deps';
import { approvalClosed } from '../entries';

/** Names the departure of one person; who that is stands in Postgres. */
export interface DepartureRef {
  readonly tenant: string;
  readonly departure: string;
}

/** Far less than what a second is enough for: each of them is a transaction of its own that holds the tenant's gate, so effects come in between. */
const PAGE = 10;

/**
 * Does the next of what a departure has to: agents first, for they act; then requests that count on whoever left; then its end. Each in a
 * transaction of its own that knows what was done, so that whoever comes after a death goes on with the next.
 */
export function createHandOver({ db }: Pick<DecidingDeps, 'db'>) {
  return async function handOver({ tenant, departure }: DepartureRef): Promise<{ readonly finished: boolean }> {
    const next = await db.readAsTenant(tenant, async (client) => {
      const person = await db.findOpenDeparture(client, tenant, departure);
      if (person === undefined) return undefined;
      const agents = await db.agentsToHandOver(client, tenant, person, PAGE);
      const requests = agents.length === 0 ? await db.requestsToReroute(client, tenant, person, PAGE) : [];
      return { person, agents, requests };
    });
    if (next === undefined) return { finished: true };
    const { person, agents, requests } = next;
    for (const agent of agents) await handOverOne(tenant, person, agent);
    for (const request of requests) await reroute(tenant, person, request);
    return { finished: agents.length + requests.length === 0 && (await finish(tenant, person)) };
  };

  async function handOverOne(tenant: string, person: string, agent: string): Promise<void> {
    await db.withTenant(tenant, async (client) => await db.handOverAgent(client, tenant, person, agent));
  }

  /** Leaves the request to whoever is left, and ends it where they are too few, as it would not have been opened for them. */
  async function reroute(tenant: string, person: string, of: RequestToReroute): Promise<void> {
    const { request, actionId, round, environment } = of;
    await db.withTenant(tenant, async (client) => {
      if (!(await db.rerouteApproval(client, tenant, person, request))) return;
      const [approval, approvers] = await Promise.all([
        db.lockApproval(client, tenant, actionId, round),
        db.approversIn(client, tenant, environment),
      ]);
      if (approval?.state !== 'open') return;
      const { stages, votes } = approval;
      // Whoever has denied it has ended it, and the workflow is about to read that.
      if (votes.some(({ choice }) => choice === 'deny')) return;
      if (canBeFilled(withThoseWhoMay(stages, approvers), (each) => approvers.humanOf(each), votes)) return;
      await db.endUnanswerable(client, tenant, person, request);
      await db.appendWithin(client, tenant, [approvalClosed(actionId, approval, 'unanswerable')]);
    });
  }

  async function finish(tenant: string, person: string): Promise<boolean> {
    return await db.withTenant(tenant, async (client) => await db.finishDeparture(client, tenant, person));
  }
}

/** Those of a stage who are still in one of its groups and still may approve. */
function withThoseWhoMay(stages: readonly OpenStage[], approvers: Approvers): OpenStage[] {
  const still = (eligible: readonly string[], groups: readonly string[]): string[] => {
    const members = new Set(groups.flatMap((group) => approvers.membersOf(group)));
    return eligible.filter((person) => members.has(person));
  };
  return stages.map(({ escalation, ...stage }) => ({
    ...stage,
    eligible: still(stage.eligible, stage.from),
    ...(escalation && { escalation: { ...escalation, eligible: still(escalation.eligible, escalation.to) } }),
  }));
}
