import { type ActionType, type Step } from '../../domain/documents';
import { type JsonObject, ownMember } from '../../domain/json';
import { type ActionTypeSource } from './action-type-shape';
import { type Targets } from './operations';

/** Where a currency is looked for when a budget counts by currency and does not say. */
export const DEFAULT_CURRENCY = '/params/currency';

/** For action types without steps: no grant is ever made, and none would be worth anything. */
const NO_GRANT_MS = 1;

/** An action type as the rest of Countersign sees it, every default written out. */
export function normaliseActionType(source: ActionTypeSource, targets: Targets): ActionType {
  const { id, version, owner, risk, effect, lane, facts, envelope, grantTtl, card, budget } = source;
  const currency = budget?.currency ?? (budget?.per.includes('currency') === true ? DEFAULT_CURRENCY : undefined);
  return {
    ...{ id, version, owner, risk, effect, lane, facts, envelope },
    params: source.params as JsonObject,
    ...(budget === undefined
      ? {}
      : { budget: { per: budget.per, amount: budget.amount, ...(currency === undefined ? {} : { currency }) } }),
    ...(source.data === undefined ? {} : { data: source.data }),
    steps: source.steps.map((step) => normaliseStep(step, source, targets)),
    grantTtlMs: grantTtl ?? NO_GRANT_MS,
    card: card as ActionType['card'],
  };
}

function normaliseStep(step: ActionTypeSource['steps'][number], source: ActionTypeSource, targets: Targets): Step {
  return {
    id: step.id,
    target: step.target,
    do: step.do,
    status: statusOf(step, source, targets) ?? step.do,
    ...(step.undo === undefined ? {} : { undo: step.undo }),
    ...(step.verify === undefined ? {} : { verify: step.verify }),
  };
}

/** What answers whether the step happened: said by the step, or by the operation; reading again is its own answer. */
export function statusOf(
  step: ActionTypeSource['steps'][number],
  source: ActionTypeSource,
  targets: Targets,
): string | undefined {
  if (step.status !== undefined) return step.status;
  if (source.effect === 'read') return step.do;
  const target = targets.get(step.target)?.source;
  // A database keeps the marker of each operation itself, so every operation answers for itself.
  if (target?.provider === 'postgres') return step.do;
  return ownMember(target?.operations ?? {}, step.do)?.status;
}
