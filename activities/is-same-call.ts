import { type Catalogue, type Step, type Target } from '../domain/documents';
import { type Json, ownMember } from '../domain/json';
import { canonicalJson } from '../evidence/canonical-json';
import { type StepInHand } from './step-in-hand';

/** Whether the bundle in force would do the same at the same place: people countersigned that, and not the name of an operation. */
export function isSameCall({ step, target }: StepInHand, steps: readonly Step[], { targets }: Catalogue): boolean {
  const now = steps.find(({ id }) => id === step.id);
  return callText(step, target) === callText(now, now && targets[now.target]);
}

/** Of the target all but its limits, which are about waiting, and its other operations, which are about other steps. */
function callText(step: Step | undefined, target: Target | undefined): string {
  const operation = target && ownMember<object>(target.operations, step?.do ?? '');
  const parts = [step, target && { ...target, limits: null, operations: operation ?? null }];
  // Documents came as JSON; their types only lack its index signature.
  return canonicalJson(parts.map((part) => part ?? null) as unknown as Json);
}
