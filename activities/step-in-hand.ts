import { type EffectRecord } from '../db/load-effects';
import { type ActionRecord } from '../db/load-action';
import { type Step, type Target } from '../domain/documents';
import { type JsonObject } from '../domain/json';
import { type Provider, type ProviderCall } from '../domain/provider';
import { type StepRef, type TouchingDeps } from './deps';
import { decidedCatalogue } from './decided-catalogue';
import { effectOf } from './effect-of';
import { actionTypeIn } from './judge';

/** One step with all that is stored about it: what the activities that touch targets work on. */
export interface StepInHand {
  readonly action: ActionRecord;
  readonly step: Step;
  readonly target: Target;
  readonly provider: Provider;
  /** What its calls are filled with: of the round that it was begun in, or else of the current one. */
  readonly basis: Pick<ActionRecord, 'facts' | 'digest' | 'decidedUnder'>;
  readonly done?: EffectRecord;
  readonly undone?: EffectRecord;
  /** Results of the steps that are done. */
  readonly results: Readonly<Record<string, JsonObject>>;
  /** Whether every step before it is done, as approved. The workflow says so too; but what it was told may be forged. */
  readonly isNext: boolean;
}

/** `undefined`: no such action, or no such step of it. */
export async function takeStep(
  deps: TouchingDeps,
  { tenant, actionId, stepId }: StepRef,
): Promise<StepInHand | undefined> {
  const { db, providers } = deps;
  const [action, effects] = await db.readAsTenant(tenant, (client) =>
    Promise.all([db.loadAction(client, tenant, actionId), db.loadEffects(client, tenant, actionId)]),
  );
  if (action === undefined) return undefined;
  const [done, undone] = [effectOf(effects, stepId, 'do'), effectOf(effects, stepId, 'undo')];
  // What is known not to have happened is begun anew, on what is decided by now.
  const basis = done === undefined || done.state === 'absent' ? action : done;
  const catalogue = await decidedCatalogue(deps, basis);
  const steps = actionTypeIn(catalogue, action)?.steps ?? [];
  const at = steps.findIndex(({ id }) => id === stepId);
  const step = steps[at];
  const target = step && catalogue.targets[step.target];
  if (step === undefined || target === undefined) return undefined;
  const results = Object.fromEntries(
    effects.flatMap((record) =>
      record.kind === 'do' && record.state === 'done' ? [[record.step, record.result ?? {}]] : [],
    ),
  );
  const isDone = (id: string): boolean =>
    effects.some(({ step: of, kind, state, code }) => of === id && kind === 'do' && state === 'done' && code === null);
  return {
    ...{ action, step, target, basis, results },
    provider: providers[target.provider],
    isNext: steps.slice(0, at).every(({ id }) => isDone(id)),
    ...(done && { done }),
    ...(undone && { undone }),
  };
}

export function refOf({ action, step }: Pick<StepInHand, 'action' | 'step'>): StepRef {
  return { tenant: action.tenant, actionId: action.action, stepId: step.id };
}

/** A call in the name of the step, filled with what was decided and countersigned. */
export function callOf(
  hand: StepInHand,
  operation: string,
  key: string,
  grantId: string,
  withinMs: number,
): ProviderCall {
  const { action, target, results, basis } = hand;
  return {
    tenant: action.tenant,
    agentId: action.agent,
    actionId: action.action,
    digest: basis.digest,
    target,
    operation,
    values: { params: action.params, facts: basis.facts, steps: results, key },
    grantId,
    withinMs,
  };
}
