import { type Lane } from '../../domain/documents';
import { ownMember } from '../../domain/json';
import { type Problem } from '../problem';
import { checkPointer, type PointerScope } from './check-pointer';
import { type HttpTargetSource } from './http-target-shape';
import { noOperation, placeholdersOf, pointersOf } from './operations';
import { type PostgresTargetSource } from './postgres-target-shape';
import { type TargetSource } from './target-shape';

/** How a step uses an operation, and what that demands of it. */
export interface Use {
  readonly field: 'do' | 'undo' | 'status';
  readonly operation: string;
  readonly reads: boolean;
  readonly scope: PointerScope;
  readonly lane: Lane;
}

/** Judges one use of an operation: it exists, does what it is used for, and is filled from values that are there by then. */
export function checkUse(file: string, step: string, use: Use, target: TargetSource): Problem[] {
  const path = `${step}/${use.field}`;
  if (ownMember<object>(target.operations, use.operation) === undefined)
    return [noOperation(file, path, target, use.operation)];
  const findings = target.provider === 'http' ? judgeHttp(use, target) : judgePostgres(use, target);
  return findings.map(([message, remedy]) => ({ file, path, message, remedy }));
}

type Finding = readonly [message: string, remedy: string];

function judgeHttp({ operation: name, reads, scope }: Use, target: HttpTargetSource): Finding[] {
  const operation = target.operations[name];
  if (operation === undefined) return [];
  const { method, args } = operation;
  const findings: Finding[] = [];
  if (reads !== (method === 'GET')) {
    findings.push(
      reads
        ? [`"${name}" uses ${method}, but must only read.`, 'Name an operation that uses GET.']
        : [
            `"${name}" uses GET, but must change something.`,
            'Name an operation that uses POST, PUT, PATCH or DELETE, or declare effect: read.',
          ],
    );
  }
  findings.push(...judgePointers(name, target, pointersOf(operation), scope));
  for (const placeholder of placeholdersOf(operation)) {
    if (!Object.hasOwn(args, placeholder))
      findings.push([
        `The operation "${name}" of ${target.id} does not say where {${placeholder}} comes from.`,
        `Add it to the operation's args.`,
      ]);
  }
  return findings;
}

/** Whether a statement only reads is for its profile to say, at the target: nobody can tell from its text, for functions may write. */
function judgePostgres({ operation: name, scope, lane }: Use, target: PostgresTargetSource): Finding[] {
  const lends = target.operations[name]?.sql === undefined;
  if (lends && lane !== 'granted')
    return [[`"${name}" of ${target.id} has no sql: it lends a login.`, 'Add its sql, or use the lane granted.']];
  if (!lends && lane === 'granted')
    return [
      [
        `"${name}" of ${target.id} is a statement, which Countersign would run itself.`,
        'Name an operation that has a profile and no sql, or use the lane brokered.',
      ],
    ];
  return judgePointers(name, target, target.operations[name]?.params ?? [], scope);
}

function judgePointers(name: string, target: TargetSource, values: readonly unknown[], scope: PointerScope): Finding[] {
  return values
    .filter((value) => typeof value === 'string')
    .flatMap((pointer) => {
      const wrong = checkPointer(pointer, scope);
      return wrong === undefined
        ? []
        : [
            [
              `The operation "${name}" of ${target.id} ${wrong} (${pointer}).`,
              'Declare what it needs, or name another operation.',
            ] as const,
          ];
    });
}
