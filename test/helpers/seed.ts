import { randomBytes, randomUUID } from 'node:crypto';
import { activateBundle } from '../../db/activate-bundle';
import { type Beginning, beginEffect, type EffectClaim } from '../../db/begin-effect';
import { type Ballot, type BallotResult, castVote } from '../../db/cast-vote';
import { closeApproval } from '../../db/close-approval';
import { insertAction } from '../../db/insert-action';
import { insertRound } from '../../db/insert-round';
import { openApproval, requestIdOf } from '../../db/open-approval';
import { recordDecision } from '../../db/record-decision';
import { type Decision, type DecisionInput } from '../../domain/decision';
import { type ApprovalChain } from '../../domain/documents';
import { type Json, type JsonObject } from '../../domain/json';
import { actionDigest, actionDocument } from '../../evidence/action-digest';
import { type World } from './world';

/*
 * Things as they come to be in production: through the same queries, as the same roles. Only what no query makes (tenants,
 * people, agents) is written by hand.
 */

export const digest = (fill: string): string => `sha256:${fill.repeat(64).slice(0, 64)}`;
export const BUNDLE = { digest: digest('b'), version: 1 };
export const FACTS: Readonly<Record<string, Json>> = { vendor: { iban: 'DE01', status: 'active' } };
export const PARAMS: JsonObject = { invoiceId: 'INV-1', amountMinor: 500, currency: 'EUR' };
export const ENVELOPE = ['/facts/vendor/iban'];
export const AGENT = { id: 'payer', generation: 1, version: '1', team: 'finance', environment: 'test' };
export const TYPE = { id: 'pay.invoice', version: 1, risk: 'high', effect: 'compensable', lane: 'brokered' };

/** Finance: bob, carol, dora. Directors: dora, erin. Alice owns the agent and oscar made it; both are in every group. */
const GROUPS = { finance: ['alice', 'oscar', 'bob', 'carol', 'dora'], directors: ['alice', 'oscar', 'dora', 'erin'] };
export const PEOPLE = ['alice', 'oscar', 'bob', 'carol', 'dora', 'erin', 'frank'];

/** A tenant with its people, an agent and the bundle in force. Frank may approve, and is in no group. */
export async function seedTenant(world: World, tenant = `t-${randomBytes(6).toString('hex')}`): Promise<string> {
  const run = world.superuser;
  await run.query('insert into tenants (tenant, name) values ($1::text, $1::text)', [tenant]);
  await run.query(
    `insert into people (tenant, person, name, roles) select $1::text, p, p, '{approver}' from unnest($2::text[]) p`,
    [tenant, PEOPLE],
  );
  for (const [group, members] of Object.entries(GROUPS)) {
    const insert =
      'insert into group_members (tenant, group_name, person) select $1::text, $2::text, unnest($3::text[])';
    await run.query(insert, [tenant, group, members]);
  }
  await run.query(
    `insert into agents (tenant, agent, version, owner, creator, team, environment)
     values ($1::text, $2::text, $3::text, 'alice', 'oscar', $4::text, $5::text)`,
    [tenant, AGENT.id, AGENT.version, AGENT.team, AGENT.environment],
  );
  await activateBundle(world.worker, BUNDLE, '{}');
  return tenant;
}

export interface SeededAction {
  readonly tenant: string;
  readonly actionId: string;
  readonly digest: string;
  readonly factsDigest: string;
  /** Of the first round. */
  readonly request: string;
  readonly agent: typeof AGENT;
}

/** An action as the gateway records it. */
export async function seedAction(
  world: World,
  tenant: string,
  {
    params = PARAMS,
    facts = FACTS,
    type = TYPE,
    agent = AGENT,
  }: { params?: JsonObject; facts?: typeof FACTS; type?: typeof TYPE; agent?: typeof AGENT } = {},
): Promise<SeededAction> {
  const actionId = `act-${randomUUID()}`;
  const salt = randomBytes(32).toString('hex');
  const document = actionDocument(
    { envelope: ENVELOPE },
    {
      tenant,
      environment: agent.environment,
      agent: agent.id,
      agentGeneration: agent.generation,
      agentVersion: agent.version,
      onBehalfOf: null,
      type: type.id,
      typeVersion: type.version,
      params,
      facts,
      salt,
      round: 1,
    },
  );
  const digests = { digest: actionDigest(document), factsDigest: document.factsDigest };
  await world.as('gateway', tenant, async (client) => {
    const request = { idempotencyKey: actionId, requestDigest: digest('e'), because: undefined, context: undefined };
    await insertAction(client, tenant, {
      action: actionId,
      agent,
      type,
      params,
      salt,
      requestId: randomUUID(),
      ...request,
    });
    await insertRound(client, tenant, { action: actionId, round: 1, facts, ...digests, why: 'requested' });
  });
  return { tenant, actionId, ...digests, request: requestIdOf(actionId, 1), agent };
}

/** `need` people of a group; a chain of one stage. */
export function chain(group: string, need: number, more: Partial<ApprovalChain['stages'][number]> = {}): ApprovalChain {
  const stage = { from: [`group:${group}`], need, remindAfterMs: [], reason: 'optional' as const, ...more };
  return { id: `${group}-${String(need)}`, decideWithinMs: 60_000, validForMs: 60_000, stages: [stage] };
}

interface Decided {
  readonly stage?: string;
  readonly effect?: Decision['effect'];
  readonly chains?: readonly string[];
  readonly bundleDigest?: string;
  readonly budgeted?: boolean;
}

/** What policy is recorded to have said; by default that the action may run. */
export async function decideOn(world: World, action: SeededAction, more: Decided = {}): Promise<void> {
  const { stage = 'initial', effect = 'allow', chains = [], bundleDigest = BUNDLE.digest, budgeted = false } = more;
  const decision: Decision = { effect, findings: [], chains, bundleDigest };
  const record = { actionId: action.actionId, round: 1, stage, decision, input: inputOf(action), budgeted };
  await world.as('worker', action.tenant, (client) => recordDecision(client, action.tenant, record));
}

/** An open request for the action, which policy said must be countersigned. */
export async function askPeople(world: World, action: SeededAction, chains = [chain('finance', 1)]): Promise<void> {
  await decideOn(world, action, { effect: 'require_approval', chains: chains.map(({ id }) => id) });
  const asked = { actionId: action.actionId, environment: AGENT.environment, round: 1, digest: action.digest, chains };
  const opened = await world.as('worker', action.tenant, (client) => openApproval(client, action.tenant, asked));
  if (!opened) throw new Error('the seed asked nobody');
}

export async function vote(
  world: World,
  action: SeededAction,
  person: string,
  ballot: Partial<Ballot> = {},
): Promise<BallotResult> {
  const cast: Ballot = {
    request: action.request,
    person,
    choice: 'approve',
    digest: action.digest,
    reason: ballot.choice === 'deny' ? 'no' : undefined,
    channel: 'api',
    ...ballot,
  };
  return await world.as('gateway', action.tenant, (client) => castVote(client, action.tenant, cast));
}

/** Ready to begin: decided again for its step and, with `chains`, countersigned by `voters`. */
export async function readyAction(
  world: World,
  tenant: string,
  approval?: { readonly chains: readonly ApprovalChain[]; readonly voters: readonly string[] },
  agent = AGENT,
): Promise<SeededAction> {
  const action = await seedAction(world, tenant, { agent });
  if (approval === undefined) await decideOn(world, action);
  else {
    await askPeople(world, action, [...approval.chains]);
    for (const person of approval.voters) {
      const result = await vote(world, action, person);
      if (result !== 'recorded') throw new Error(`the vote of ${person}: ${result}`);
    }
    await world.as('worker', tenant, (client) => closeApproval(client, tenant, action.request, 'approved'));
  }
  await decideOn(world, action, { stage: 'preflight/pay' });
  return action;
}

export function claimOf(action: SeededAction): EffectClaim {
  const { actionId, digest: bound, factsDigest: facts } = action;
  const times = { sendWithinMs: 2_000, grantTtlMs: 4_000 };
  return {
    actionId,
    step: 'pay',
    target: 'bank',
    round: 1,
    digest: bound,
    factsDigest: facts,
    bundleDigest: BUNDLE.digest,
    ...times,
  };
}

export async function begin(world: World, action: SeededAction, more: Partial<EffectClaim> = {}): Promise<Beginning> {
  return await world.as('worker', action.tenant, (client) =>
    beginEffect(client, action.tenant, { ...claimOf(action), ...more }),
  );
}

function inputOf({ tenant, agent }: Pick<SeededAction, 'tenant' | 'agent'>): DecisionInput {
  const { id, generation, version, team, environment } = agent;
  return {
    tenant,
    environment,
    time: '2026-01-01T00:00:00.000Z',
    agent: { id, generation, version, owner: 'alice', team, roles: [], state: 'active' },
    action: {
      type: TYPE.id,
      version: TYPE.version,
      risk: TYPE.risk,
      effect: TYPE.effect,
      lane: TYPE.lane,
      params: PARAMS,
    },
    facts: FACTS,
    claimed: {},
  };
}
