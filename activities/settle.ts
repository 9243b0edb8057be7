import { type ActionEnding, type Reason } from '../domain/action';
import { endingOf, type StepRecord } from '../domain/ending';
import { failure, FAILURES, type FailureCode } from '../domain/failures';
import { type JsonObject } from '../domain/json';
import { outcomeOf } from '../domain/words';
import { type EffectRecord } from '../db/load-effects';
import { type Trouble } from '../db/tasks';
import { type ActionRef, type DecidingDeps } from './deps';
import { decidedCatalogue } from './decided-catalogue';
import { approvalSuperseded, taskOpened } from './entries';
import { actionTypeIn } from './judge';

/** Why the action did not run to its end, as the workflow saw it; `null` where every step was done. */
export interface Settling extends ActionRef {
  readonly stopped: 'denied' | 'rejected' | 'expired' | 'cancelled' | 'failed' | null;
  readonly codes: readonly string[];
}

/**
 * Closes the action: its ending from the rows alone, its budget spent or given back, its outcome for whoever asks. What
 * the workflow believes is taken only where the rows do not contradict it.
 */
export function createSettle(deps: DecidingDeps) {
  const { db } = deps;
  return async function settle({
    tenant,
    actionId,
    stopped,
    codes,
  }: Settling): Promise<{ readonly state: ActionEnding }> {
    const state = await db.withTenant(tenant, async (client): Promise<ActionEnding> => {
      // The request before the action, as in every other transaction.
      const [approval, action, effects] = await Promise.all([
        db.lockRequest(client, tenant, actionId),
        db.lockAction(client, tenant, actionId),
        db.loadEffects(client, tenant, actionId),
      ]);
      if (action === undefined) return 'denied';
      if (action.settled) return action.state as ActionEnding;
      const steps = actionTypeIn(await decidedCatalogue(deps, action), action)?.steps.map((step) => step.id) ?? [];
      const ending = endingOf(steps, recordsOf(effects), stopped);
      // Also where something had been done by then, and was undone.
      const denials = stopped === 'denied' ? (await db.findDenial(client, tenant, actionId)).map(reasonOf) : [];
      const reasons = denials.length > 0 ? denials : codes.map(reasonOfCode);
      const outcome = outcomeOf(ending, reasons, resultsOf(effects));
      const spent = ending === 'executed' || ending === 'undo_stuck';
      // Nobody shall vote on what has ended.
      const open = approval?.state === 'open' ? [approval] : [];
      const troubles = troublesOf(actionId, ending, effects);
      const entry = { action: actionId, ending, digest: action.digest, round: action.round, codes: codesOf(reasons) };
      await Promise.all([
        db.finishBudget(client, tenant, actionId, spent ? 'spent' : 'released'),
        ...open.map(({ request }) => db.closeApproval(client, tenant, request, 'superseded')),
        ...troubles.map((trouble) => db.openTask(client, tenant, trouble)),
        db.settleAction(client, tenant, actionId, ending, outcome),
        // In the same transaction: once the action has ended, nobody comes back to tell it.
        db.appendWithin(client, tenant, [
          ...open.map((request) => approvalSuperseded(actionId, request)),
          ...troubles.map((trouble) => taskOpened(db.taskIdOf(trouble), trouble)),
          { key: `action/${actionId}/settled`, event: 'action.settled', entry },
        ]),
      ]);
      return ending;
    });
    return { state };
  };
}

/** What stands and should not has a task, also where the workflow that asked for the undoing did not know of it. */
function troublesOf(actionId: string, ending: ActionEnding, effects: readonly EffectRecord[]): Trouble[] {
  const standing = recordsOf(effects).filter((record) => record.done && !record.undone);
  return ending === 'undo_stuck' ? standing.map(({ step }) => ({ actionId, step, kind: 'undo_stuck' })) : [];
}

function recordsOf(effects: readonly EffectRecord[]): StepRecord[] {
  const has = (step: string, kind: string, states: readonly string[]): boolean =>
    effects.some((effect) => effect.step === step && effect.kind === kind && states.includes(effect.state));
  return [...new Set(effects.map((effect) => effect.step))].map((step) => ({
    step,
    // What nobody could find out counts as done: it may stand at its target.
    done: has(step, 'do', ['done', 'unknown', 'begun']),
    asApproved: effects.some(
      (effect) => effect.step === step && effect.kind === 'do' && effect.state === 'done' && effect.code === null,
    ),
    undone: has(step, 'undo', ['done']),
  }));
}

function resultsOf(effects: readonly EffectRecord[]): JsonObject {
  return Object.fromEntries(
    effects.flatMap((effect) =>
      effect.kind === 'do' && effect.state === 'done' ? [[effect.step, effect.result ?? {}]] : [],
    ),
  );
}

function reasonOf(finding: { readonly code: string; readonly message?: string; readonly remedy?: string }): Reason {
  return {
    code: finding.code,
    message: finding.message ?? failure('policy_denied').sentence,
    ...(finding.remedy === undefined ? {} : { remedy: finding.remedy }),
  };
}

function codesOf(reasons: readonly Reason[]): string[] {
  return [...new Set(reasons.map(({ code }) => code))].sort();
}

/** Codes of targets and providers have no sentence of their own: what they mean to an agent is that the effect failed. */
function reasonOfCode(code: string): Reason {
  return { code, message: failure(isFailureCode(code) ? code : 'effect_refused').sentence };
}

function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(FAILURES, code);
}
