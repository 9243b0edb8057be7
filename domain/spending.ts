import { type ActionType } from './documents';
import { type Json, type JsonObject } from './json';
import { readPointer } from './read-pointer';

/** What an action would spend, and of which budget. `window` is a unit of Postgres' `date_trunc`, in UTC. */
export type Spending =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'spends';
      readonly budget: string;
      readonly window: 'hour' | 'day' | 'week' | 'month';
      readonly limitMinor: number;
      readonly amountMinor: number;
    };

/** Windows that a budget may have, as ISO 8601 durations, with their unit. */
export const BUDGET_WINDOWS: ReadonlyMap<string, 'hour' | 'day' | 'week' | 'month'> = new Map([
  ['PT1H', 'hour'],
  ['P1D', 'day'],
  ['P1W', 'week'],
  ['P1M', 'month'],
]);

/** Finds the limit in `data.budgets[<type>]`. A limit that is missing or is not a number denies: unknown is no. */
export function spendingOf(
  actionType: ActionType,
  data: JsonObject,
  action: { readonly params: JsonObject; readonly agent: string; readonly team: string },
): Spending {
  if (actionType.budget === undefined) return { kind: 'none' };
  const rule = readPointer(data, `/budgets/${actionType.id}`);
  const amountMinor = readPointer({ params: action.params }, actionType.budget.amount);
  const currency = readPointer({ params: action.params }, actionType.budget.currency ?? '/params/currency');
  const parts = actionType.budget.per.map((part) => ({ team: action.team, agent: action.agent, currency })[part]);
  const path = parts.filter((part) => typeof part === 'string');
  const limitMinor = path.reduce<Json | undefined>((value, part) => ownMember(value, part), member(rule, 'limits'));
  const name = member(rule, 'window');
  const window = typeof name === 'string' ? BUDGET_WINDOWS.get(name) : undefined;
  if (window === undefined || path.length < parts.length || !isAmount(limitMinor) || !isAmount(amountMinor))
    return { kind: 'unknown' };
  return { kind: 'spends', budget: [actionType.id, ...path].join('/'), window, limitMinor, amountMinor };
}

function member(value: Json | undefined, name: string): Json | undefined {
  return value === undefined ? undefined : readPointer(value, `/${name}`);
}

function ownMember(value: Json | undefined, name: string): Json | undefined {
  return member(value, name.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function isAmount(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
