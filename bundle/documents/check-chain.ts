import { type Problem } from '../problem';
import { type ChainSource } from './chain-shape';

/** Judges a chain by itself: everything in it has to happen while there is time to decide. */
export function checkChain(file: string, { stages, decideWithin }: ChainSource): Problem[] {
  return stages.flatMap(({ remind, escalate, from }, index) => {
    const path = `/stages/${String(index)}`;
    const problems: Problem[] = [];
    if (remind.some((after) => after >= decideWithin))
      problems.push({
        file,
        path: `${path}/remind`,
        message: 'comes after the time to decide is over.',
        remedy: 'Remind earlier than decideWithin.',
      });
    if (escalate === undefined) return problems;
    if (escalate.after >= decideWithin)
      problems.push({
        file,
        path: `${path}/escalate/after`,
        message: 'comes after the time to decide is over.',
        remedy: 'Escalate earlier than decideWithin.',
      });
    const already = escalate.to.filter((group) => from.includes(group));
    if (already.length > 0)
      problems.push({
        file,
        path: `${path}/escalate/to`,
        message: `asks ${already.join(', ')} again.`,
        remedy: 'Escalate to others.',
      });
    return problems;
  });
}
