import { ApplicationFailure } from '@temporalio/common';
import { type Beginning, type RefusedBeginning } from '../db/begin-effect';
import { type ActionRecord } from '../db/load-action';
import { type ActionType } from '../domain/documents';
import { type FailureCode } from '../domain/failures';
import { type Json } from '../domain/json';
import { LIMITS } from '../domain/limits';
import { readPointer } from '../domain/read-pointer';
import { actionDigest, envelopeOf, factsDigest } from '../evidence/action-digest';
import { canonicalJson } from '../evidence/canonical-json';
import { type TouchingDeps } from './deps';
import { actionTypeOf, judge } from './judge';
import { readFacts } from './read-facts';
import { type StepInHand } from './step-in-hand';

export type Stopped = { readonly kind: 'reconsider' } | { readonly kind: 'stopped'; readonly stopped: 'denied' | 'rejected' | 'cancelled'; readonly code: FailureCode };

export interface Begun {
  readonly attempt: number;
  readonly grantId: string;
  readonly idempotencyKey: string;
  /** On the monotonic clock: after this nothing may be sent any more. */
  readonly sendBy: number;
}

export type Cleared = { readonly kind: 'cleared'; readonly beginning: Begun } | { readonly kind: 'begun_before' } | Stopped;

/**
 * The last look before an effect: the facts that the approval rests on are fetched again, policy is asked again, and
 * then Postgres compares everything that is stored and writes the row that lets this effect begin, once.
 */
export function createPreflight(deps: TouchingDeps) {
  const { db, pdp, fault, monotonicMs } = deps;

  return async function preflight(hand: StepInHand): Promise<Cleared> {
    const { action, step, target } = hand;
    const { tenant, action: actionId, round, digest } = action;
    const point = pdp();
    const actionType = actionTypeOf(point, action);
    if (actionType === undefined) return { kind: 'stopped', stopped: 'denied', code: 'policy_changed' };

    const facts = await factsNow(action, actionType);
    if (changed(actionType, action.facts, facts)) return await reconsider(action, actionType, facts, 'envelope_changed');

    const { input, decision } = judge(point, action, facts);
    const sendBy = monotonicMs() + LIMITS.sendWithinMs;
    const beginning = await db.withTenant(tenant, async (client): Promise<Beginning | 'denied' | 'asks_more' | 'undecided'> => {
      const stored = await db.findDecision(client, tenant, actionId, round);
      // An earlier run opened this round and died before it could say so.
      if (stored === undefined && round > 1) return 'undecided';
      await db.recordDecision(client, tenant, { actionId, round, stage: `preflight/${step.id}`, decision, input, budgeted: actionType.budget !== undefined });
      if (decision.effect === 'deny') return 'denied';
      if (decision.chains.some((chain) => stored?.chains.includes(chain) !== true)) return 'asks_more';
      return await db.beginEffect(client, tenant, {
        actionId,
        step: step.id,
        target: target.id,
        round,
        digest,
        factsDigest: action.factsDigest,
        bundleDigest: point.bundle.digest,
        sendWithinMs: LIMITS.sendWithinMs,
        grantTtlMs: Math.min(actionType.grantTtlMs, LIMITS.sendWithinMs + LIMITS.clockSkewMs),
      });
    });
    await fault('preflight:after-begin');
    if (beginning === 'denied') return { kind: 'stopped', stopped: 'denied', code: 'policy_denied' };
    if (beginning === 'undecided') return { kind: 'reconsider' };
    if (beginning === 'asks_more') return await reconsider(action, actionType, facts, 'policy_changed');
    if ('begun' in beginning) return { kind: 'cleared', beginning: { ...beginning.begun, sendBy } };
    return await refused(action, actionType, facts, beginning.refused);
  };

  /** Reads again what the envelope names; all other facts stay as they were decided on. */
  async function factsNow(action: ActionRecord, actionType: ActionType): Promise<Readonly<Record<string, Json>>> {
    const names = new Set(actionType.envelope.map((pointer) => pointer.split('/')[2] ?? ''));
    const sources = Object.fromEntries(Object.entries(actionType.facts).filter(([name]) => names.has(name)));
    const fresh = await readFacts(deps.facts, pdp().catalogue, action.tenant, sources, action.params);
    if (fresh.kind === 'unanswered') throw ApplicationFailure.retryable('a system of record does not answer', fresh.code);
    return { ...action.facts, ...fresh.facts };
  }

  async function refused(action: ActionRecord, actionType: ActionType, facts: Readonly<Record<string, Json>>, code: RefusedBeginning): Promise<Cleared> {
    switch (code) {
      case 'begun_before':
        return { kind: 'begun_before' };
      case 'bundle_stale':
        // A newer bundle is in force than the one this process holds; it is being loaded.
        throw ApplicationFailure.retryable('this worker holds an older bundle than the one in force', code);
      case 'cancelled':
        return { kind: 'stopped', stopped: 'cancelled', code: 'cancelled_on_request' };
      case 'denied_late':
        return { kind: 'stopped', stopped: 'rejected', code: 'rejected_by_person' };
      case 'votes_void':
      case 'approval_lapsed':
      case 'fence_moved':
      case 'digest_mismatch':
        return await reconsider(action, actionType, facts, code);
      case 'scope_fenced':
      case 'agent_not_active':
        return { kind: 'stopped', stopped: 'denied', code };
      case 'budget_lost':
        return { kind: 'stopped', stopped: 'denied', code: 'budget_exhausted' };
      case 'not_found':
      case 'not_decided':
      case 'not_approved':
      case 'action_closed':
      case 'nothing_to_undo':
        return { kind: 'stopped', stopped: 'denied', code: 'action_closed' };
    }
  }

  /** Opens the next round, with the facts of now and a digest of its own; votes on the old one do not count for it. */
  async function reconsider(action: ActionRecord, actionType: ActionType, facts: Readonly<Record<string, Json>>, why: string): Promise<Stopped> {
    const round = action.round + 1;
    if (round > LIMITS.rounds) return { kind: 'stopped', stopped: 'denied', code: 'policy_changed' };
    const next = { actionId: action.action, round, facts, factsDigest: factsDigest(facts), digest: digestOfRound(action, actionType, round, facts), why };
    await db.withTenant(action.tenant, async (client) => {
      // The request before the action, as in every other transaction: a vote may be on its way.
      await db.lockApproval(client, action.tenant, action.action, action.round);
      const current = await db.lockAction(client, action.tenant, action.action);
      if (current?.round === action.round) await db.openRound(client, action.tenant, next);
    });
    return { kind: 'reconsider' };
  }
}

function changed(actionType: ActionType, before: Readonly<Record<string, Json>>, now: Readonly<Record<string, Json>>): boolean {
  const at = (facts: Readonly<Record<string, Json>>, pointer: string): string => canonicalJson(readPointer({ facts }, pointer) ?? null);
  return actionType.envelope.some((pointer) => at(before, pointer) !== at(now, pointer));
}

function digestOfRound(action: ActionRecord, actionType: ActionType, round: number, facts: Readonly<Record<string, Json>>): string {
  const { tenant, environment, agent, agentGeneration, agentVersion, type, typeVersion, params, salt } = action;
  return actionDigest({
    v: 1,
    tenant,
    environment,
    agent: { id: agent, generation: agentGeneration, version: agentVersion },
    type,
    typeVersion,
    params,
    envelope: envelopeOf(actionType, { params, facts }),
    factsDigest: factsDigest(facts),
    salt,
    round,
  });
}
