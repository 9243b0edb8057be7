import { randomBytes } from 'node:crypto';
import { type PoolClient } from 'pg';
import { countRecentActions } from '../db/count-recent-actions';
import { enqueueWake } from '../db/enqueue-wake';
import { findActionByKey, type KnownRequest } from '../db/find-action-by-key';
import { findAgent, type StoredAgent } from '../db/find-agent';
import { insertAction } from '../db/insert-action';
import { insertRound } from '../db/insert-round';
import { appendWithin } from '../db/ledger';
import { lockIntake } from '../db/lock-intake';
import { readAsTenant } from '../db/read-as-tenant';
import { withTenant } from '../db/with-tenant';
import { takesRequests } from '../domain/agent-life';
import { type ActionType } from '../domain/documents';
import { type Json, type JsonObject } from '../domain/json';
import { actionDigest, actionDocument } from '../evidence/action-digest';
import { digestOf } from '../evidence/digest-of';
import { note } from '../telemetry/correlation';
import { type AgentCaller } from './caller';
import { checkedType, checkPrincipal, factsOf } from './check-request';
import { type GatewayDeps } from './deps';
import { newActionId } from './new-action-id';
import { refuseStopped } from './refuse-stopped';
import { RequestRefused } from './request-refused';
import { type Start } from './start-action';

export interface ActionRequest {
  readonly idempotencyKey: string;
  readonly type: string;
  readonly params: JsonObject;
  readonly because: string | undefined;
  readonly context: JsonObject | undefined;
  /** A person of the tenant, whom the agent acts for. */
  readonly onBehalfOf: string | undefined;
  /** Of the HTTP request. */
  readonly requestId: string;
}

export interface TakenAction {
  readonly actionId: string;
  /** Where this request is the one that recorded it, so that it has to be started. */
  readonly start?: Start;
}

/** A hundred requests are more than people will read; the next would be hidden among them. */
export const MAX_OPEN_ACTIONS = 100;
/** A throttled agent goes on with what it is for, at a pace at which people can look on. */
export const THROTTLED_PER_MINUTE = 6;
/** The gateway starts what it records; this long after, the outbox does it instead. */
const START_GRACE_MS = 10_000;

/** Records what an agent asks for, once per idempotency key. Nothing is decided here. */
export async function takeAction(deps: GatewayDeps, caller: AgentCaller, request: ActionRequest): Promise<TakenAction> {
  const { tenant } = caller;
  const { type, params, because = null, context = null, onBehalfOf } = request;
  const acting = onBehalfOf !== undefined && { onBehalfOf };
  const requestDigest = digestOf('request', { type, params, because, context, ...acting });
  const [agent, known] = await readAsTenant(deps.pool, tenant, (client) =>
    Promise.all([
      findAgent(client, tenant, caller.id),
      findActionByKey(client, tenant, caller.id, request.idempotencyKey),
    ]),
  );
  if (agent === undefined) throw new RequestRefused('unauthenticated'); // gone since the key was looked up
  if (known !== undefined) return sameRequest(known, requestDigest);
  if (!takesRequests(agent.state)) throw new RequestRefused('agent_not_active');
  await refuseStopped(deps.stops, { tenant, agent: agent.id, team: agent.team, type, above: agent.above });
  const actionType = checkedType(deps, request);
  if (actionType.lane === 'cooperative') throw new RequestRefused('lane_not_taken');
  await checkPrincipal(deps, tenant, onBehalfOf);
  const facts = await factsOf(deps, tenant, actionType, params);
  const taken = await deps.agentTurns.take(caller, () =>
    withTenant(deps.pool, tenant, (client) =>
      record(client, tenant, { agent, actionType, request, requestDigest, facts }),
    ),
  );
  if (taken.start !== undefined)
    deps.metrics.count('countersign_actions_requested_total', { type: actionType.id, lane: actionType.lane });
  note({ tenant, action: taken.actionId });
  return taken;
}

/** The same key stands for the same request, or for none. */
function sameRequest(known: KnownRequest, requestDigest: string): TakenAction {
  if (known.requestDigest !== requestDigest) throw new RequestRefused('idempotency_key_reused');
  return { actionId: known.action };
}

interface Intake {
  readonly agent: StoredAgent;
  readonly actionType: ActionType;
  readonly request: ActionRequest;
  readonly requestDigest: string;
  readonly facts: Readonly<Record<string, Json>>;
}

async function record(client: PoolClient, tenant: string, asked: Intake): Promise<TakenAction> {
  const { actionType, request, requestDigest, facts } = asked;
  const [open, known, agent] = await Promise.all([
    lockIntake(client, tenant, asked.agent.id),
    findActionByKey(client, tenant, asked.agent.id, request.idempotencyKey),
    findAgent(client, tenant, asked.agent.id),
  ]);
  if (known !== undefined) return sameRequest(known, requestDigest);
  // It waited for its turn, and somebody may have stopped the agent meanwhile, perhaps because of what waits with it.
  if (agent?.generation !== asked.agent.generation) throw new RequestRefused('unauthenticated');
  if (!takesRequests(agent.state)) throw new RequestRefused('agent_not_active');
  if (open >= MAX_OPEN_ACTIONS) throw new RequestRefused('too_many_pending');
  const nowMs = Date.now();
  if (agent.state === 'throttled') {
    const recent = await countRecentActions(client, tenant, agent.id, newActionId(nowMs - 60_000));
    if (recent >= THROTTLED_PER_MINUTE) throw new RequestRefused('agent_throttled');
  }

  const actionId = newActionId(nowMs);
  const salt = randomBytes(32).toString('hex');
  const digests = digestsOf(tenant, salt, { ...asked, agent });
  const { id: type, version: typeVersion, risk, lane } = actionType;
  const entry = {
    action: actionId,
    agent: agent.id,
    agentVersion: agent.version,
    digest: digests.digest,
    environment: agent.environment,
    generation: agent.generation,
    lane,
    ...(request.onBehalfOf !== undefined && { onBehalfOf: request.onBehalfOf }),
    owner: agent.owner,
    risk,
    team: agent.team,
    type,
    typeVersion,
  };
  const requested = { key: `action/${actionId}/requested`, event: 'action.requested', entry, ...claimedBody(request) };
  const [, , wakeId] = await Promise.all([
    insertAction(client, tenant, { ...request, action: actionId, agent, type: actionType, requestDigest, salt }),
    insertRound(client, tenant, { action: actionId, round: 1, facts, ...digests, why: 'requested' }),
    enqueueWake(client, tenant, actionId, START_GRACE_MS),
    appendWithin(client, tenant, [requested]),
  ]);
  return { actionId, start: { wakeId, action: { tenant, actionId, agent: agent.id, team: agent.team, type, risk } } };
}

/** The agent's own words are free text: beside the log, where they can be erased. */
function claimedBody({ because, context }: ActionRequest): { body?: JsonObject } {
  if (because === undefined && context === undefined) return {};
  return { body: { ...(because !== undefined && { because }), ...(context !== undefined && { context }) } };
}

function digestsOf(
  tenant: string,
  salt: string,
  { agent, actionType, request: { params, onBehalfOf }, facts }: Intake,
): { factsDigest: string; digest: string } {
  const document = actionDocument(actionType, {
    tenant,
    environment: agent.environment,
    agent: agent.id,
    agentGeneration: agent.generation,
    agentVersion: agent.version,
    onBehalfOf: onBehalfOf ?? null,
    type: actionType.id,
    typeVersion: actionType.version,
    params,
    facts,
    salt,
    round: 1,
  });
  return { factsDigest: document.factsDigest, digest: actionDigest(document) };
}
