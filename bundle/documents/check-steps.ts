import { type Problem } from '../problem';
import { type ActionTypeSource } from './action-type-shape';
import { checkPointer, type PointerScope } from './check-pointer';
import { statusOf } from './normalise-action-type';
import { findOperation, noTarget, placeholdersOf, pointersOf, type Targets } from './operations';
import { type TargetSource } from './target-shape';

type Step = ActionTypeSource['steps'][number];

/** How a step uses an operation, and what that demands of it. */
interface Use {
  readonly field: 'do' | 'undo' | 'status';
  readonly operation: string;
  readonly reads: boolean;
  readonly scope: PointerScope;
}

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
  return [
    { field: 'do', operation: step.do, reads: source.effect === 'read', scope: scope(done) },
    ...(step.undo === undefined
      ? []
      : [{ field: 'undo' as const, operation: step.undo, reads: false, scope: scope([...done, step.id]) }]),
    ...(status === undefined || status === step.do
      ? []
      : [{ field: 'status' as const, operation: status, reads: true, scope: scope(done) }]),
  ];
}

function checkUse(
  file: string,
  path: string,
  { field, operation: name, reads, scope }: Use,
  target: TargetSource,
): Problem[] {
  const at = `${path}/${field}`;
  const found = findOperation(file, at, target, name);
  if ('problem' in found) return [found.problem];
  const { operation } = found;
  const problems: Problem[] = [];
  if (reads !== (operation.method === 'GET')) {
    problems.push(
      reads
        ? {
            file,
            path: at,
            message: `"${name}" uses ${operation.method}, but must only read.`,
            remedy: 'Name an operation that uses GET.',
          }
        : {
            file,
            path: at,
            message: `"${name}" uses GET, but must change something.`,
            remedy: 'Name an operation that uses POST, PUT, PATCH or DELETE, or declare effect: read.',
          },
    );
  }
  for (const pointer of pointersOf(operation)) {
    const wrong = checkPointer(pointer, scope);
    if (wrong !== undefined)
      problems.push({
        file,
        path: at,
        message: `The operation "${name}" of ${target.id} ${wrong} (${pointer}).`,
        remedy: 'Declare what it needs, or name another operation.',
      });
  }
  for (const placeholder of placeholdersOf(operation)) {
    if (!Object.hasOwn(operation.args, placeholder))
      problems.push({
        file,
        path: at,
        message: `The operation "${name}" of ${target.id} does not say where {${placeholder}} comes from.`,
        remedy: `Add it to the operation's args.`,
      });
  }
  return problems;
}
