import { z } from 'zod';
import { type JsonObject, ownMember } from '../../domain/json';
import { BUDGET_WINDOWS } from '../../domain/spending';
import { type Problem } from '../problem';
import { type ActionTypeSource } from './action-type-shape';
import { shapeProblems } from './shape-problems';
import { type Sourced } from './sources';

const FILE = 'data/budgets.yaml';

/** Another window would pass for none at all when the budget is counted, and every action be denied. */
const window = z.string().refine((text) => BUDGET_WINDOWS.has(text), {
  error: 'is not a window of time that budgets have.',
  params: { remedy: `Write ${[...BUDGET_WINDOWS.keys()].join(', ')}: an hour, a day, a week or a month, in UTC.` },
});
const limit = z.int().min(0);

/** Judges `data.budgets`: one entry per action type, limits nested as the type's budget counts. A type without an entry is simply denied. */
export function checkBudgets(
  data: JsonObject,
  actionTypes: ReadonlyMap<string, Sourced<ActionTypeSource>>,
  incomplete: boolean,
): Problem[] {
  const budgets = ownMember(data, 'budgets');
  if (budgets === undefined) return [];
  const entries = z.record(z.string(), z.unknown()).safeParse(budgets);
  if (!entries.success) return shapeProblems(FILE, entries.error);
  return Object.entries(entries.data).flatMap(([type, entry]) => {
    const path = `/${type}`;
    const source = actionTypes.get(type)?.source;
    if (source === undefined)
      return incomplete
        ? []
        : [
            {
              file: FILE,
              path,
              message: 'There is no action type of that name.',
              remedy: 'Remove it, or correct the name.',
            },
          ];
    if (source.budget === undefined)
      return [
        {
          file: FILE,
          path,
          message: 'is a budget for an action type that has none.',
          remedy: `Add budget to ${type}, or remove the limit: it would limit nothing.`,
        },
      ];
    const limits = source.budget.per.reduce<z.ZodType>((inner) => z.record(z.string(), inner), limit);
    const result = z.strictObject({ window, limits }).safeParse(entry);
    return result.success
      ? []
      : shapeProblems(FILE, result.error).map((problem) => ({ ...problem, path: `${path}${problem.path}` }));
  });
}
