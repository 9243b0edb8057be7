import { type OpenStage } from './approval';
import { canBeFilled } from './can-be-filled';
import { type ApprovalChain } from './documents';

/** Who may vote, and which of them are one human. */
export interface Approvers {
  membersOf(group: string): readonly string[];
  humanOf(person: string): string;
}

/** Stages of an approval as they stand at its opening, or why nobody could ever satisfy them. */
export type Opening =
  | {
      readonly kind: 'satisfiable';
      readonly stages: readonly OpenStage[];
      readonly decideWithinMs: number;
      readonly validForMs: number;
    }
  | { readonly kind: 'unsatisfiable' };

/**
 * Settles who may vote. All chains are asked, one after the other; the shortest of their times holds. An empty group
 * means nobody, never anybody; and since a human counts once, with however many accounts, all stages together need that many distinct ones.
 */
export function openStages(
  chains: readonly ApprovalChain[],
  approvers: Approvers,
  conflicted: ReadonlySet<string>,
): Opening {
  const eligible = (groups: readonly string[]): string[] =>
    [...new Set(groups.flatMap((group) => approvers.membersOf(group)))]
      .filter((person) => !conflicted.has(person))
      .sort();
  const stages = chains
    .flatMap((chain) => chain.stages)
    .map((stage): OpenStage => ({
      need: stage.need,
      from: stage.from,
      eligible: eligible(stage.from),
      reason: stage.reason,
      remindAfterMs: stage.remindAfterMs,
      ...(stage.escalate === undefined
        ? {}
        : {
            escalation: {
              afterMs: stage.escalate.afterMs,
              to: stage.escalate.to,
              eligible: eligible(stage.escalate.to),
            },
          }),
    }));
  if (stages.length === 0 || !canBeFilled(stages, (person) => approvers.humanOf(person)))
    return { kind: 'unsatisfiable' };
  return {
    kind: 'satisfiable',
    stages,
    decideWithinMs: Math.min(...chains.map((chain) => chain.decideWithinMs)),
    validForMs: Math.min(...chains.map((chain) => chain.validForMs)),
  };
}
