import { type Evidence } from './evidence';

/** I8: at rest nothing is held, the reservations add up, no limit is passed, and no more money left the house than was spent. */
export function budgetsKept({ budgets, witness }: Evidence): readonly string[] {
  const spent = budgets.reduce((sum, budget) => sum + budget.spent, 0);
  const paid = [...witness.byAction.values()]
    .flatMap(({ net }) => Object.values(net))
    .reduce((sum, amount) => sum + amount, 0);
  return [
    ...budgets.flatMap(({ budget, limit, held, spent, reservedAsHeld, reservedAsSpent }) => [
      ...(held === 0 && reservedAsHeld === 0 ? [] : [`I8 ${budget} still holds ${String(held)}`]),
      ...(spent === reservedAsSpent
        ? []
        : [`I8 ${budget} counts ${String(spent)}, its reservations ${String(reservedAsSpent)}`]),
      ...(spent <= limit ? [] : [`I8 ${budget} is ${String(spent)}, over ${String(limit)}`]),
    ]),
    ...(budgets.length === 0 || paid <= spent
      ? []
      : [`I8 ${String(paid)} was paid, ${String(spent)} is booked as spent`]),
  ];
}
