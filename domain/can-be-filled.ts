import { type OpenStage, type Vote } from './approval';

/**
 * Whether every seat of every stage that no vote has taken can be given to a different human who has none: a bipartite matching by augmenting paths.
 */
export function canBeFilled(
  stages: readonly OpenStage[],
  humanOf: (person: string) => string,
  votes: readonly Vote[] = [],
): boolean {
  const seated = new Set<string>();
  const open = stages.map(({ need }, index) => {
    const humans = votes
      .filter(({ stage, choice }) => stage === index && choice === 'approve')
      .map(({ person }) => humanOf(person))
      .filter((human, place, all) => !seated.has(human) && all.indexOf(human) === place);
    humans.forEach((human) => seated.add(human));
    return Math.max(0, need - humans.length);
  });
  const seats = stages.flatMap(({ eligible, escalation }, index) => {
    const humans = [...eligible, ...(escalation?.eligible ?? [])].map(humanOf).filter((human) => !seated.has(human));
    return Array.from({ length: open[index] ?? 0 }, () => humans);
  });
  const seatOf = new Map<string, number>();
  const place = (seat: number, tried: Set<string>): boolean =>
    (seats[seat] ?? []).some((human) => {
      if (tried.has(human)) return false;
      tried.add(human);
      const taken = seatOf.get(human);
      if (taken !== undefined && !place(taken, tried)) return false;
      seatOf.set(human, seat);
      return true;
    });
  return seats.every((_, seat) => place(seat, new Set()));
}
