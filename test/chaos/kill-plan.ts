import { pointsOf, type Story } from '../faults/points';
import { seeded } from './seeded';

/** From one death to the next, in the time that the whole fleet takes to start: some strike one that is not yet back, most do not. */
const BETWEEN = { least: 0.2, most: 1.4 };
/** As often as this it is a process at that moment, whatever it does; else the next one that comes by a point. */
const AT_ANY_MOMENT = 0.35;
/** As often as this it is one where something was done of which nobody knows, so that it comes to be done again; else any. */
const WHERE_IT_HURTS = 0.25;

/** What the load of the random run comes by. Nobody there lends access, and no target is away for so long that a person is asked. */
const TOLD: readonly Story[] = [
  ...(['paid', 'countersigned', 'changed', 'undone', 'lost'] as const),
  ...(['started late', 'asked by an agent', 'cancelled'] as const),
];

export const POINTS: readonly string[] = TOLD.flatMap((story) => pointsOf(story));

const SORE: readonly string[] = POINTS.filter((point) => /:(after-external|before-commit)$/.test(point));

/** Who dies next: one of the fleet, by its place in it, or whoever comes by the point. After: in the time that the fleet takes to start. */
export type Death = { readonly after: number } & ({ readonly of: number } | { readonly at: string });

/** Deaths without end, from a seed alone. @param fleet how many processes there are */
export function* killPlan(seed: number, fleet: number): Generator<Death, never> {
  const chance = seeded(seed);
  for (;;) {
    const after = BETWEEN.least + chance() * (BETWEEN.most - BETWEEN.least);
    const [how, which] = [chance(), chance()];
    const points = how < AT_ANY_MOMENT + WHERE_IT_HURTS ? SORE : POINTS;
    const at = points[Math.floor(which * points.length)];
    yield how < AT_ANY_MOMENT || at === undefined ? { after, of: Math.floor(which * fleet) } : { after, at };
  }
}
