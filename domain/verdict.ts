import { type OpenStage, type Vote } from './approval';

/** The sum of the votes that count. `waitingOn` names those who can carry the request on now, `groups` in what capacity. */
export type Verdict =
  | { readonly kind: 'approved' }
  | { readonly kind: 'rejected' }
  | {
      readonly kind: 'open';
      readonly stage: number;
      readonly waitingOn: readonly string[];
      readonly groups: readonly string[];
    };

/**
 * Folds votes into a verdict. Any denial ends it, in whatever order it came; one human counts once in the whole
 * request, with whichever account; stages are asked in order, and each needs its own number of distinct humans.
 */
export function verdictOf(stages: readonly OpenStage[], votes: readonly Vote[], sinceOpenedMs: number): Verdict {
  if (votes.some((vote) => vote.choice === 'deny')) return { kind: 'rejected' };
  const counted = new Set<string>();
  for (const [index, stage] of stages.entries()) {
    let approvals = 0;
    for (const { person, accounts = [] } of votes.filter((vote) => vote.stage === index)) {
      if (counted.has(person)) continue;
      approvals += 1;
      [person, ...accounts].forEach((account) => counted.add(account));
    }
    if (approvals >= stage.need) continue;
    const escalation = sinceOpenedMs >= (stage.escalation?.afterMs ?? Infinity) ? stage.escalation : undefined;
    const eligible = new Set([...stage.eligible, ...(escalation?.eligible ?? [])]);
    const waitingOn = [...eligible].filter((person) => !counted.has(person)).sort();
    return { kind: 'open', stage: index, waitingOn, groups: [...stage.from, ...(escalation?.to ?? [])] };
  }
  return stages.length > 0 ? { kind: 'approved' } : { kind: 'rejected' };
}

/** Milliseconds after the opening at which somebody should be reminded or asked in addition, ascending. */
export function momentsToRemind(stages: readonly OpenStage[]): number[] {
  const moments = stages.flatMap((stage) => [
    ...stage.remindAfterMs,
    ...(stage.escalation === undefined ? [] : [stage.escalation.afterMs]),
  ]);
  return [...new Set(moments)].sort((a, b) => a - b);
}
