import { ApplicationFailure } from '@temporalio/common';
import { type Beginning, type EffectClaim, type RefusedBeginning } from '../db/begin-effect';
import { type ActionRecord } from '../db/load-action';
import { type ActionType } from '../domain/documents';
import { type Json } from '../domain/json';
import { LIMITS } from '../domain/limits';
import { readFacts } from '../domain/read-facts';
import { readPointer } from '../domain/read-pointer';
import { actionDigest, actionDocument } from '../evidence/action-digest';
import { canonicalJson } from '../evidence/canonical-json';
import { type Pdp } from '../pdp/create-pdp';
import { createBegunBefore } from './begun-before';
import { createDenyByBundle } from './deny-by-bundle';
import { type TouchingDeps } from './deps';
import { bundleStale, insistInForce } from './insist-in-force';
import { isSameCall } from './is-same-call';
import { actionTypeIn, judge, type Judgement } from './judge';
import { createReconsider } from './reconsider';
import { type Stopped } from './results';
import { type StepInHand } from './step-in-hand';

export interface Begun {
  readonly attempt: number;
  readonly grantId: string;
  readonly idempotencyKey: string;
  /** On the clock `monotonicMs`: after this nothing may be sent any more. */
  readonly sendBy: number;
}

export type Cleared =
  { readonly kind: 'cleared'; readonly beginning: Begun } | { readonly kind: 'begun_before' } | Stopped;

/**
 * The last look before an effect: the facts that the approval rests on are fetched again, policy is asked again, and
 * then Postgres compares everything that is stored and writes the row that lets this effect begin, once. Rejects, to be
 * tried again, where no system of record answers, and where a newer bundle than this worker's is in force.
 */
export function createPreflight(deps: TouchingDeps) {
  const look = createLook(deps);
  const begunBefore = createBegunBefore(deps);

  return async function preflight(hand: StepInHand): Promise<Cleared> {
    const cleared = await look(hand);
    if (cleared.kind === 'cleared' || cleared.kind === 'begun_before') return cleared;
    // Whoever was frozen may have found what would stop the step now, but not that a twin had begun it by then: it has to be asked after.
    const { begun } = await begunBefore(hand.action);
    return begun?.includes(hand.step.id) === true ? { kind: 'begun_before' } : cleared;
  };
}

function createLook(deps: TouchingDeps) {
  const { db, pdp, monotonicMs } = deps;
  const reconsider = createReconsider(deps);
  const denyByBundle = createDenyByBundle(deps);

  return async function look(hand: StepInHand): Promise<Cleared> {
    const { action } = hand;
    if (action.agentState === 'paused')
      return action.cancelRequested
        ? { kind: 'stopped', stopped: 'cancelled', code: 'cancelled_on_request' }
        : { kind: 'held' };
    const point = pdp();
    const actionType = actionTypeIn(point.catalogue, action);
    if (actionType === undefined) return await denyByBundle(point, action.tenant, 'policy_changed');

    // What would be sent, and not only what is stored about it, must be what was decided and countersigned.
    if (actionDigest(actionDocument(actionType, action)) !== action.digest)
      return await denyByBundle(point, action.tenant, 'digest_mismatch');

    const facts = await factsNow(action, actionType);
    const anew = async (why: string): Promise<Stopped> => await reconsider(hand, { point, actionType }, facts, why);
    if (!isSameCall(hand, actionType.steps, point.catalogue)) return await anew('policy_changed');
    if (changed(actionType, action.facts, facts)) return await anew('envelope_changed');

    const sendBy = monotonicMs() + sendWithin(actionType);
    const beginning = await begin(hand, point, actionType, judge(point, action, facts));
    if (beginning === 'denied') return { kind: 'stopped', stopped: 'denied', code: 'policy_denied' };
    if (beginning === 'undecided') return { kind: 'reconsider' };
    if (beginning === 'asks_more') return await anew('policy_changed');
    if ('begun' in beginning) return { kind: 'cleared', beginning: { ...beginning.begun, sendBy } };
    const meaning = MEANING[beginning.refused];
    if (meaning === 'again') return { kind: 'begun_before' };
    if (meaning === 'wait') throw bundleStale();
    return meaning === 'reconsider' ? await anew(beginning.refused) : meaning;
  };

  /** Policy once more, and the row that lets the effect begin: one short transaction. */
  async function begin(
    hand: StepInHand,
    point: Pdp,
    actionType: ActionType,
    { input, decision }: Judgement,
  ): Promise<Beginning | 'denied' | 'asks_more' | 'undecided'> {
    const { action, step } = hand;
    const { tenant, action: actionId, round, decidedChains } = action;
    // An earlier run opened this round and died before it could say so.
    if (decidedChains === null && round > 1) return 'undecided';
    const record = {
      actionId,
      round,
      stage: `preflight/${step.id}`,
      decision,
      input,
      budgeted: actionType.budget !== undefined,
    };
    const asksMore = decision.chains.some((chain) => decidedChains?.includes(chain) !== true);
    return await db.withTenant(tenant, async (client) => {
      const recorded = db.recordDecision(client, tenant, record);
      if (decision.effect === 'deny' || asksMore) {
        await Promise.all([recorded, insistInForce(db, client, point)]);
        return decision.effect === 'deny' ? 'denied' : 'asks_more';
      }
      const [, beginning] = await Promise.all([
        recorded,
        db.beginEffect(client, tenant, claimOf(hand, point, actionType)),
      ]);
      return beginning;
    });
  }

  /** Reads again what the envelope names; all other facts stay as they were decided on. */
  async function factsNow(action: ActionRecord, actionType: ActionType): Promise<Readonly<Record<string, Json>>> {
    const names = new Set(actionType.envelope.map((pointer) => pointer.split('/')[2] ?? ''));
    const sources = Object.fromEntries(Object.entries(actionType.facts).filter(([name]) => names.has(name)));
    const fresh = await readFacts(deps.facts, pdp().catalogue.targets, action.tenant, sources, action.params);
    if (fresh.kind === 'unanswered')
      throw ApplicationFailure.retryable('a system of record does not answer', fresh.code);
    return { ...action.facts, ...fresh.facts };
  }
}

function claimOf({ action, step, target }: StepInHand, point: Pdp, actionType: ActionType): EffectClaim {
  return {
    actionId: action.action,
    step: step.id,
    target: target.id,
    round: action.round,
    digest: action.digest,
    factsDigest: action.factsDigest,
    bundleDigest: point.bundle.digest,
    sendWithinMs: sendWithin(actionType),
    grantTtlMs: sendWithin(actionType) + (actionType.lane === 'granted' ? 0 : LIMITS.clockSkewMs),
  };
}

/**
 * A credential that may live shorter than that has to be used sooner; only then is it dead when its row says so. What an agent does itself it
 * may do until its grant is over.
 */
function sendWithin({ grantTtlMs, lane }: ActionType): number {
  return lane === 'granted' ? grantTtlMs : Math.min(grantTtlMs, LIMITS.sendWithinMs);
}

/** What each refusal of `begin_effect` means for the action. `reconsider`: what was decided or countersigned no longer stands, so it is asked for anew. */
const MEANING: Readonly<
  Record<RefusedBeginning, 'again' | 'wait' | 'reconsider' | Exclude<Stopped, { kind: 'reconsider' }>>
> = {
  begun_before: 'again',
  // A newer bundle is in force than the one that this process holds.
  bundle_stale: 'wait',
  votes_void: 'reconsider',
  approval_lapsed: 'reconsider',
  fence_moved: 'reconsider',
  digest_mismatch: 'reconsider',
  agent_restricted: 'reconsider',
  agent_paused: { kind: 'held' },
  cancelled: { kind: 'stopped', stopped: 'cancelled', code: 'cancelled_on_request' },
  denied_late: { kind: 'stopped', stopped: 'rejected', code: 'rejected_by_person' },
  scope_fenced: { kind: 'stopped', stopped: 'denied', code: 'scope_fenced' },
  agent_not_active: { kind: 'stopped', stopped: 'denied', code: 'agent_not_active' },
  budget_lost: { kind: 'stopped', stopped: 'denied', code: 'budget_exhausted' },
  // A workflow that was started by hand, or that goes on after its action has ended.
  not_found: { kind: 'stopped', stopped: 'denied', code: 'action_closed' },
  not_decided: { kind: 'stopped', stopped: 'denied', code: 'action_closed' },
  not_approved: { kind: 'stopped', stopped: 'denied', code: 'action_closed' },
  action_closed: { kind: 'stopped', stopped: 'denied', code: 'action_closed' },
};

function changed(
  actionType: ActionType,
  before: Readonly<Record<string, Json>>,
  now: Readonly<Record<string, Json>>,
): boolean {
  const at = (facts: Readonly<Record<string, Json>>, pointer: string): string =>
    canonicalJson(readPointer({ facts }, pointer) ?? null);
  return actionType.envelope.some((pointer) => at(before, pointer) !== at(now, pointer));
}
