import { type Problem } from '../problem';
import { type ActionTypeSource } from './action-type-shape';
import { checkPointer, type PointerScope } from './check-pointer';
import { checkUse, type Use } from './check-use';
import { statusOf } from './normalise-action-type';
import { noTarget, type Targets } from './operations';

type Step = ActionTypeSource['steps'][number];

/** Judges an action type's steps: what they do exists, can be undone, can be asked about, and is filled from values that are there by then. */
export function checkSteps(file: string, source: ActionTypeSource, targets: Targets, incomplete: boolean): Problem[] {
  const problems: Problem[] = [];
  const done: string[] = [];
  for (const [index, step] of source.steps.entries()) {
    const path = `/steps/${String(index)}`;
    if (done.includes(step.id))
      problems.push({
        file,
        path: `${path}/id`,
        message: `"${step.id}" is the id of an earlier step too.`,
        remedy: 'Give each step its own id.',
      });
    problems.push(...checkUndo(file, path, step, source));
    const target = targets.get(step.target)?.source;
    if (target === undefined) {
      if (!incomplete) problems.push(noTarget(file, `${path}/target`, step.target));
    } else {
      if (target.provider === 'postgres' && step.status !== undefined)
        problems.push({
          file,
          path: `${path}/status`,
          message: `is not asked: ${target.id} is a database, which keeps a marker of everything that was done there.`,
          remedy: 'Remove it.',
        });
      for (const use of usesOf(step, source, targets, done)) problems.push(...checkUse(file, path, use, target));
      if (statusOf(step, source, targets) === undefined) {
        problems.push({
          file,
          path,
          message: 'cannot be asked about: when a reply is lost, nobody can say whether it happened.',
          remedy: `Add status, here or at the operation "${step.do}" of ${step.target}: the operation that answers by key.`,
        });
      }
    }
    for (const [shown, expected] of Object.entries(step.verify ?? {})) {
      const wrong = checkPointer(expected, { actionType: source, steps: done, facts: true, key: false });
      if (wrong !== undefined)
        problems.push({
          file,
          path: `${path}/verify${shown}`,
          message: `${wrong}.`,
          remedy: 'Compare with a parameter, a fact or an earlier step.',
        });
    }
    done.push(step.id);
  }
  return problems;
}

function checkUndo(file: string, path: string, step: Step, { effect }: ActionTypeSource): Problem[] {
  if (effect === 'read' && step.undo !== undefined)
    return [
      {
        file,
        path: `${path}/undo`,
        message: 'undoes a read.',
        remedy: 'Remove it, or say what effect the action has.',
      },
    ];
  if (step.undo !== undefined || effect === 'read' || effect === 'irreversible') return [];
  return [
    {
      file,
      path,
      message: `has no undo, and the action says that it is ${effect}.`,
      remedy: 'Add undo, or declare effect: irreversible, which needs two approvers.',
    },
  ];
}

function usesOf(step: Step, source: ActionTypeSource, targets: Targets, done: readonly string[]): Use[] {
  const scope = (steps: readonly string[]): PointerScope => ({ actionType: source, steps, facts: true, key: true });
  const status = statusOf(step, source, targets);
  const { lane } = source;
  return [
    { field: 'do', operation: step.do, reads: source.effect === 'read', scope: scope(done), lane },
    ...(step.undo === undefined
      ? []
      : [{ field: 'undo' as const, operation: step.undo, reads: false, scope: scope([...done, step.id]), lane }]),
    ...(status === undefined || status === step.do
      ? []
      : [{ field: 'status' as const, operation: status, reads: true, scope: scope(done), lane }]),
  ];
}
