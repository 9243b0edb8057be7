import { type PoolClient } from 'pg';
import { approversIn } from '../db/approvers-in';
import { findAgent, type StoredAgent } from '../db/find-agent';
import { type Foreseen, foreseeAction, wouldFit } from '../db/foresee-action';
import { takesRequests } from '../domain/agent-life';
import { type Reason } from '../domain/action';
import { type Decision, type DecisionInput } from '../domain/decision';
import { decisionReasons } from '../domain/decision-reasons';
import { type ActionType } from '../domain/documents';
import { denial, judgeInput } from '../domain/judge-input';
import { type Json, type JsonObject } from '../domain/json';
import { openStages } from '../domain/open-stages';
import { type RenderedCard, renderCard } from '../domain/render-card';
import { spendingOf } from '../domain/spending';
import { verdictOf } from '../domain/verdict';
import { type AgentCaller } from './caller';
import { checkedType, factsOf } from './check-request';
import { type GatewayDeps } from './deps';
import { RequestRefused } from './request-refused';

/** No ledger, no workflow, no connection that writes: whatever a preview does, nothing can come of it. */
export interface PreviewDeps extends Pick<GatewayDeps, 'pdp' | 'facts' | 'log'> {
  /** One transaction of one tenant, in which Postgres refuses to write. */
  read<T>(tenant: string, work: (client: PoolClient) => Promise<T>): Promise<T>;
}

export interface PreviewRequest {
  readonly type: string;
  readonly params: JsonObject;
  readonly because?: string | undefined;
  readonly context?: JsonObject | undefined;
  readonly onBehalfOf?: string | undefined;
}

export interface Preview {
  readonly decision: Decision['effect'];
  readonly reasons: readonly Reason[];
  readonly chains: readonly string[];
  readonly card: RenderedCard;
  readonly wouldWaitOn: readonly string[];
}

/** What would be decided if the agent asked now. Nothing is recorded, held or promised: asked in earnest, the answer may be another. */
export async function previewAction(deps: PreviewDeps, caller: AgentCaller, request: PreviewRequest): Promise<Preview> {
  const { tenant } = caller;
  const agent = await deps.read(tenant, (client) => findAgent(client, tenant, caller.id));
  if (agent === undefined) throw new RequestRefused('unauthenticated'); // gone since the key was looked up
  if (!takesRequests(agent.state)) throw new RequestRefused('agent_not_active');
  const actionType = checkedType(deps, request);
  if (actionType.lane === 'cooperative') throw new RequestRefused('lane_not_taken');
  const facts = await factsOf(deps, tenant, actionType, request.params);
  const subject = { agent, actionType, request, facts };
  const { decision, wouldWaitOn } = await deps.read(tenant, (client) => foresee(deps, client, tenant, subject));
  return {
    decision: decision.effect,
    reasons: decisionReasons(decision),
    chains: decision.chains,
    // Whom policy denies this is not told what the gateway may read for it.
    card: renderCard(actionType.card, { params: request.params, facts: decision.effect === 'deny' ? {} : facts }, null),
    wouldWaitOn,
  };
}

interface Subject {
  readonly agent: StoredAgent;
  readonly actionType: ActionType;
  readonly request: PreviewRequest;
  readonly facts: Readonly<Record<string, Json>>;
}

interface Outlook {
  readonly decision: Decision;
  readonly wouldWaitOn: readonly string[];
}

/** In the order of the real thing: policy, then what is left to spend, then whether anybody could countersign. */
async function foresee({ pdp }: PreviewDeps, client: PoolClient, tenant: string, subject: Subject): Promise<Outlook> {
  const { agent, actionType, request } = subject;
  const now = await foreseeAction(client, tenant, {
    agent,
    type: actionType.id,
    onBehalfOf: request.onBehalfOf,
  });
  if (now === undefined) throw new RequestRefused('unauthenticated');
  const nobody = (decision: Decision): Outlook => ({ decision, wouldWaitOn: [] });
  const decision = judgeInput(pdp, inputOf(tenant, subject, now), { actionType, fenced: now.fenced });
  if (decision.effect === 'deny') return nobody(decision);
  const action = { params: request.params, agent: agent.id, team: agent.team };
  const spending = spendingOf(actionType, pdp.catalogue.data, action);
  if (spending.kind === 'unknown') return nobody(denial(pdp, 'budget_unknown'));
  if (spending.kind === 'spends' && !(await wouldFit(client, tenant, spending)))
    return nobody(denial(pdp, 'budget_exhausted'));
  if (decision.effect === 'allow') return nobody(decision);
  const chains = decision.chains.flatMap((id) => pdp.catalogue.chains[id] ?? []);
  const opening = openStages(chains, await approversIn(client, tenant, agent.environment), new Set(now.conflicted));
  if (opening.kind === 'unsatisfiable' || chains.length < decision.chains.length)
    return nobody(denial(pdp, 'approval_unsatisfiable'));
  const verdict = verdictOf(opening.stages, [], 0);
  return { decision, wouldWaitOn: verdict.kind === 'open' ? verdict.waitingOn : [] };
}

function inputOf(tenant: string, { agent, actionType, request, facts }: Subject, { now }: Foreseen): DecisionInput {
  const { id, generation, version, owner, team, roles, state, environment } = agent;
  const { because, context, onBehalfOf, params } = request;
  const { id: type, version: typeVersion, risk, effect, lane } = actionType;
  return {
    tenant,
    environment,
    time: now,
    agent: { id, generation, version, owner, team, roles, state },
    action: { type, version: typeVersion, risk, effect, lane, params },
    facts,
    claimed: {
      ...(because !== undefined && { because }),
      ...(context !== undefined && { context }),
      ...(onBehalfOf !== undefined && { onBehalfOf }),
    },
  };
}
