import { setImmediate } from 'node:timers/promises';
import { type PoolClient } from 'pg';
import { addSecurityEvents } from '../db/add-security-events';
import { databaseTime } from '../db/database-time';
import { findAgent, type StoredAgent } from '../db/find-agent';
import { insertReports, type JudgedReport } from '../db/insert-reports';
import { appendWithin } from '../db/ledger';
import { listClosedScopes } from '../db/list-closed-scopes';
import { listServedIdentities } from '../db/list-served-identities';
import { type LockedStream, lockStream, type Stream } from '../db/lock-stream';
import { quarantineAgent } from '../db/quarantine-agent';
import { shutGate } from '../db/shut-gate';
import { withTenant } from '../db/with-tenant';
import { decidesItself } from '../domain/agent-life';
import { type ReportedDecision, type ReportVerdict } from '../domain/reported-decision';
import { digestOf } from '../evidence/digest-of';
import { type AgentCaller } from './caller';
import { type GatewayDeps } from './deps';
import { fallenBack } from './fallen-back';
import { judgeReport, scopesOf } from './judge-report';
import { gapEntry, type Gap, gapsIn, reportEntry } from './report-entries';
import { RequestRefused } from './request-refused';

interface TakenReport {
  readonly seq: number;
  readonly verdict: ReportVerdict;
}

export interface TakenReports {
  readonly decisions: readonly TakenReport[];
  /** False for an agent that is not active: whatever it did is recorded, and it has to stop. */
  readonly mayGoOn: boolean;
}

type Deps = Pick<GatewayDeps, 'pool' | 'agentBundles' | 'agentTurns' | 'log'>;

/**
 * Decides again on what an agent reports, and records it, once for each number of a stream. A mismatch stops the agent. Also of an agent that is
 * stopped already: what it did before is what everybody asks about then.
 */
export async function takeReports(
  deps: Deps,
  { tenant, id }: AgentCaller,
  stream: string,
  reports: readonly ReportedDecision[],
): Promise<TakenReports> {
  const { agent, known } = await withTenant(deps.pool, tenant, async (client) => {
    const agent = await agentOf(client, tenant, id);
    const identities = await listServedIdentities(client, tenant, agent);
    const scopes = identities.flatMap(({ identity }) => reports.flatMap(({ type }) => scopesOf(identity, type)));
    const { above } = agent;
    const createdAt = agent.createdAt.getTime();
    const closed = await listClosedScopes(client, tenant, [...new Set([...scopes, ...above])]);
    return { agent, known: { identities, above, closed, createdAt, now: Date.parse(await databaseTime(client)) } };
  });
  const judged: JudgedReport[] = [];
  for (const report of reports) {
    const verdict = await judgeReport(deps.agentBundles, known, report);
    judged.push({ report, digest: digestOf('report', report), ...verdict });
    await setImmediate(); // a batch that is slow to judge must not keep everybody else waiting
  }
  const of: Stream = { agent: id, generation: agent.generation, stream };
  const recorded = async (client: PoolClient): Promise<TakenReports> => {
    const locked = await lockStream(
      client,
      tenant,
      of,
      reports.map(({ seq }) => seq),
    );
    const now = await agentOf(client, tenant, id);
    if (now.generation !== agent.generation) throw new RequestRefused('unauthenticated');
    const decisions = await record(deps, client, tenant, of, judged, locked);
    // Read once more: these reports may have stopped it.
    const { state } = await agentOf(client, tenant, id);
    return { decisions, mayGoOn: decidesItself(state) };
  };
  return await deps.agentTurns.take({ tenant, id }, () => withTenant(deps.pool, tenant, recorded));
}

async function agentOf(client: PoolClient, tenant: string, id: string): Promise<StoredAgent> {
  const agent = await findAgent(client, tenant, id);
  if (agent === undefined) throw new RequestRefused('unauthenticated'); // gone since the key was looked up
  return agent;
}

async function record(
  { log }: Pick<Deps, 'log'>,
  client: PoolClient,
  tenant: string,
  stream: Stream,
  judged: readonly JudgedReport[],
  locked: LockedStream,
): Promise<readonly TakenReport[]> {
  const { fresh, taken } = tellApart(fallenBack(judged, locked), locked.known);
  const gaps = gapsIn(
    locked.last,
    fresh.map(({ report }) => report.seq),
  );
  const worst = fresh.find(({ verdict }) => verdict === 'mismatch');
  // A report holds the row of its agent, for which a person's stop waits with the gate in hand: hence before it.
  if (worst !== undefined) await shutGate(client, tenant);
  await insertReports(client, tenant, stream, fresh);
  // Waits for effects that are about to begin, and those for the ledger: hence before it.
  if (worst !== undefined && (await quarantineAgent(client, tenant, stream, worst.report.seq)))
    log.warn({ tenant, agent: stream.agent, cause: worst.cause }, 'an agent was quarantined for what it reported');
  if (gaps.length > 0) await warn(client, tenant, stream, gaps);
  await appendWithin(client, tenant, [
    ...fresh.map((each) => reportEntry(stream, each)),
    ...gaps.map((gap) => gapEntry(stream, gap)),
  ]);
  return taken;
}

/** What is new, in the order of its numbers, and the answer for each report. Another report under a number that is taken contradicts the first. */
function tellApart(
  judged: readonly JudgedReport[],
  known: LockedStream['known'],
): { readonly fresh: readonly JudgedReport[]; readonly taken: readonly TakenReport[] } {
  const seen = known.map(({ seq, digest, verdict }) => ({ seq, digest, verdict }));
  const fresh: JudgedReport[] = [];
  const taken = judged.map((each) => {
    const { seq } = each.report;
    const before = seen.filter((other) => other.seq === seq);
    const same = before.find(({ digest }) => digest === each.digest);
    if (same !== undefined) return { seq, verdict: same.verdict };
    const now: JudgedReport = before.length === 0 ? each : { ...each, verdict: 'mismatch', cause: 'contradiction' };
    seen.push({ seq, digest: now.digest, verdict: now.verdict });
    fresh.push(now);
    return { seq, verdict: now.verdict };
  });
  return { fresh: fresh.toSorted((a, b) => a.report.seq - b.report.seq), taken };
}

/** The column of a security event's source is short; the ledger has it in full. */
async function warn(client: PoolClient, tenant: string, { agent }: Stream, gaps: readonly Gap[]): Promise<void> {
  await addSecurityEvents(client, [
    { kind: 'decisions_gap', source: `${tenant}/${agent}`.slice(0, 64), count: gaps.length },
  ]);
}
