import { ownMember } from '../../domain/json';
import { type Problem } from '../problem';
import { type ActionTypeSource } from './action-type-shape';
import { checkPointer } from './check-pointer';
import { noOperation, noTarget, type Operation, placeholdersOf, type Targets } from './operations';
import { type TargetSource } from './target-shape';

type Fact = ActionTypeSource['facts'][string];

/** Judges an action type's facts: each comes from a known read, and is given exactly what that read needs. */
export function checkFacts(file: string, source: ActionTypeSource, targets: Targets, incomplete: boolean): Problem[] {
  return Object.entries(source.facts).flatMap(([name, fact]) => {
    const path = `/facts/${name}`;
    const problems: Problem[] = Object.entries(fact.args).flatMap(([arg, pointer]) => {
      const wrong = checkPointer(pointer, { actionType: source, steps: [], facts: false, key: false });
      return wrong === undefined
        ? []
        : [{ file, path: `${path}/args/${arg}`, message: `${wrong}.`, remedy: 'Point to a required parameter.' }];
    });
    const target = targets.get(fact.source)?.source;
    if (target === undefined)
      return incomplete ? problems : [...problems, noTarget(file, `${path}/source`, fact.source)];
    if (target.provider !== 'http') return [...problems, notOverHttp(file, `${path}/source`, target)];
    const operation = ownMember(target.operations, fact.query);
    return [
      ...problems,
      ...(operation === undefined
        ? [noOperation(file, `${path}/query`, target, fact.query)]
        : checkQuery(file, path, fact, operation)),
    ];
  });
}

function notOverHttp(file: string, path: string, { id, provider }: TargetSource): Problem {
  return {
    file,
    path,
    message: `The target "${id}" is a ${provider} target, and facts are read over HTTP.`,
    remedy: 'Name a target of the provider http that knows the fact.',
  };
}

/** In an operation that answers a fact, placeholders are filled from the fact's arguments by name, and pointers start there: `/id`. */
function checkQuery(file: string, path: string, fact: Fact, operation: Operation): Problem[] {
  const problems: Problem[] = [];
  if (operation.method !== 'GET')
    problems.push({
      file,
      path: `${path}/query`,
      message: `"${fact.query}" uses ${operation.method}, but a fact must only be read.`,
      remedy: 'Name an operation that uses GET.',
    });
  const pointed = [...Object.values(operation.args), ...Object.values(operation.query)].map((pointer) =>
    pointer.slice(1),
  );
  const needed = new Set([
    ...pointed,
    ...placeholdersOf(operation).filter((name) => !Object.hasOwn(operation.args, name)),
  ]);
  for (const name of needed) {
    if (!Object.hasOwn(fact.args, name))
      problems.push({
        file,
        path: `${path}/args`,
        message: `lacks "${name}", which the operation "${fact.query}" of ${fact.source} needs.`,
        remedy: `Add ${name}: /params/….`,
      });
  }
  for (const name of Object.keys(fact.args)) {
    if (!needed.has(name))
      problems.push({
        file,
        path: `${path}/args/${name}`,
        message: `is nothing that the operation "${fact.query}" of ${fact.source} asks for.`,
        remedy: 'Remove it, or correct its spelling.',
      });
  }
  return problems;
}
