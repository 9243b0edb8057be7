import { type Cost } from './cost';

export const SHAPES = ['bare', 'denied', 'allowed', 'approved', 'naive'] as const;
export type Costs = Readonly<Record<(typeof SHAPES)[number], Cost>>;

const MAX_TRANSITIONS = { denied: 3, allowed: 7, approved: 10 } as const;
const MAX_BYTES_PER_BARE = 2.2;

/** Each budget that is exceeded, as a sentence. The numbers are those of docs/ARCHITECTURE.md, and exact. */
export function overBudget(costs: Costs): string[] {
  const over = Object.entries(MAX_TRANSITIONS).flatMap(([shape, max]) => {
    const { stateTransitions } = costs[shape as keyof typeof MAX_TRANSITIONS];
    return stateTransitions <= max
      ? []
      : [`${shape} takes ${String(stateTransitions)} state transitions, not ${String(max)}`];
  });
  if (!(costs.allowed.stateTransitions <= costs.bare.stateTransitions)) {
    over.push(
      `allowed takes ${String(costs.allowed.stateTransitions)} state transitions, bare ${String(costs.bare.stateTransitions)}`,
    );
  }
  const ratio = costs.allowed.historyBytes / costs.bare.historyBytes;
  if (!(ratio <= MAX_BYTES_PER_BARE))
    over.push(`allowed writes ${ratio.toFixed(2)} times the bytes of bare, not ${String(MAX_BYTES_PER_BARE)}`);
  return over;
}
