import { type Death, killPlan, POINTS } from './kill-plan';

const first = (seed: number, count: number): readonly Death[] => {
  const plan = killPlan(seed, 3);
  return Array.from({ length: count }, () => plan.next().value);
};

describe('the plan of a random run', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(first(7, 200)).toEqual(first(7, 200));
    expect(first(7, 200)).not.toEqual(first(8, 200));
  });

  it('comes by every point that the load reaches, and by every process', () => {
    const deaths = first(7, 2_000);
    expect(new Set(deaths.flatMap((death) => ('at' in death ? [death.at] : [])))).toEqual(new Set(POINTS));
    expect(new Set(deaths.flatMap((death) => ('of' in death ? [death.of] : [])))).toEqual(new Set([0, 1, 2]));
  });
});
