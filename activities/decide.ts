import { type StoredApproval } from '../db/find-approval';
import { type StoredDecision } from '../db/find-decision';
import { type LedgerEntry } from '../db/ledger';
import { type ActionRecord } from '../db/load-action';
import { type ActionType } from '../domain/documents';
import { renderCard } from '../domain/render-card';
import { cardDigest } from '../evidence/card-digest';
import { type Pdp } from '../pdp/create-pdp';
import { askedPeople } from './asked-people';
import { type BegunBefore, createBegunBefore } from './begun-before';
import { decidedCatalogue } from './decided-catalogue';
import { type ActionRef, type DecidingDeps } from './deps';
import { bundleStale } from './insist-in-force';
import { actionTypeIn } from './judge';
import { createMakeDecision } from './make-decision';
import { createReadDecided } from './read-decided';
import { type Waiting, waitingOf } from './read-verdict';

/**
 * What the workflow does next. `nothing`: there is no such action, or it has ended; somebody started the workflow by hand. `held`: its agent is
 * paused, and nothing is decided meanwhile. `undoing`: a workflow before this one began to undo it; that goes on, whatever is allowed by now.
 */
export type Decided =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'held' }
  | ({ readonly kind: 'undoing' } & BegunBefore)
  | (Answer & BegunBefore);

type Answer =
  | { readonly kind: 'denied' }
  | { readonly kind: 'allowed'; readonly bundleDigest: string; readonly steps: readonly PlannedStep[] }
  | {
      readonly kind: 'asked';
      readonly bundleDigest: string;
      readonly steps: readonly PlannedStep[];
      /** Codes of the findings that ask for people. */
      readonly why: readonly string[];
      readonly waiting: Waiting;
    };

export interface PlannedStep {
  readonly id: string;
  /** What the Temporal UI shows for it. */
  readonly summary: string;
  /** The agent does it itself, under a credential of its own (lane `granted`). */
  readonly access?: true;
}

/**
 * Asks policy about the action's current round, holds its budget, and opens the approval that policy demands: one
 * transaction. Done again, it finds and returns what is stored. The ledger hears of it before anybody acts on it.
 */
export function createDecide({ db, ledger, pdp, catalogueOf }: DecidingDeps) {
  const makeDecision = createMakeDecision(db);
  const readDecided = createReadDecided(db);
  const begunBefore = createBegunBefore({ db });

  return async function decide({ tenant, actionId }: ActionRef): Promise<Decided> {
    const point = pdp();
    const decided = await db.withTenant(tenant, async (client) => {
      const [found, superseded] = await Promise.all([
        db.lockAction(client, tenant, actionId),
        db.isSuperseded(client, point.bundle.digest),
      ]);
      // Nobody requested it: somebody who reaches Temporal started the workflow by hand.
      if (found === undefined)
        await db.addSecurityEvents(client, [{ kind: 'unknown_action', source: 'temporal', count: 1 }]);
      if (found === undefined || found.settled) return undefined;
      if (found.state === 'undoing') return { undoing: found };
      if (found.decidedUnder !== null) return { action: found };
      if (found.agentState === 'paused' && !found.cancelRequested) return 'held';
      // A decision under an older bundle would hold older limits against the budget.
      if (superseded) throw bundleStale();
      return { action: found, made: await makeDecision(client, point, found) };
    });
    if (decided === undefined) return { kind: 'nothing' };
    if (decided === 'held') return { kind: 'held' };
    if ('undoing' in decided) return { kind: 'undoing', ...(await begunBefore(decided.undoing)) };
    const { action, made } = decided;
    const first = made !== undefined && action.round === 1;
    const [answered, before] = await Promise.all([answer(point, action, made), first ? {} : begunBefore(action)]);
    return answered.kind === 'nothing' ? answered : { ...answered, ...before };
  };

  /** Tells the ledger and the workflow what is stored: the same whoever asks, and however often. */
  async function answer(
    point: Pdp,
    action: ActionRecord,
    made?: StoredDecision,
  ): Promise<Answer | { readonly kind: 'nothing' }> {
    const { tenant } = action;
    const nobodyAsked = made !== undefined && made.effect !== 'require_approval';
    const { stored, approval, asked } = nobodyAsked ? { stored: made } : await readDecided(action);
    if (stored === undefined) return { kind: 'nothing' };
    // Not that of the bundle in force: steps that were done under another one would be taken back.
    const catalogue = await decidedCatalogue({ pdp: () => point, catalogueOf }, { decidedUnder: stored.bundleDigest });
    const actionType = actionTypeIn(catalogue, action);
    await ledger.append(tenant, [entryOf(action, actionType, stored, asked)]);
    if (stored.effect === 'deny' || actionType === undefined) return { kind: 'denied' };
    const steps = actionType.steps.map((step) => ({
      id: step.id,
      summary: `${step.do} at ${step.target}`,
      ...(actionType.lane === 'granted' ? { access: true as const } : {}),
    }));
    const { bundleDigest, findings } = stored;
    if (approval === undefined) return { kind: 'allowed', bundleDigest, steps };
    const why = findings.flatMap(({ effect, code }) => (effect === 'approval' ? [code] : [])).sort();
    return { kind: 'asked', bundleDigest, steps, why, waiting: waitingOf(approval, action.cancelRequested) };
  }
}

/** What was decided and, in the same breath, who was asked and what they are shown. */
function entryOf(
  action: ActionRecord,
  actionType: ActionType | undefined,
  stored: StoredDecision,
  asked: StoredApproval | undefined,
): LedgerEntry {
  const { action: actionId, round, digest, factsDigest, params, facts, salt } = action;
  const { effect, chains, bundleDigest, inputDigest } = stored;
  const codes = stored.findings.map((finding) => finding.code).sort();
  const entry = { action: actionId, round, digest, effect, chains, codes, bundleDigest, request: asked?.id ?? null };
  // Digests of what is guessable, and so kept under a salt.
  const body = { inputDigest, factsDigest };
  const key = `action/${actionId}/decided/${round}`;
  if (asked === undefined) return { key, event: 'action.decided', entry, body };
  const card = actionType && renderCard(actionType.card, { params, facts }, asked.factsBefore);
  const { stages, deadline, validForMs, conflicted } = asked;
  return {
    key,
    event: 'action.decided',
    entry: {
      ...entry,
      asked: stages.map(({ need, eligible }) => ({ need, people: eligible.length })),
      card: card === undefined ? null : cardDigest(card, salt),
      deadline: deadline.toISOString(),
      validForMs,
    },
    body: { ...body, asked: askedPeople(stages), excluded: conflicted.slice(0, 10) },
  };
}
