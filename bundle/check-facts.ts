import { type ActionTypeSource } from './action-type-shape';
import { checkPointer } from './check-pointer';
import { placeholdersOf } from './check-steps';
import { type Problem } from './problem';
import { type Sourced } from './read-catalogue';
import { type TargetSource } from './target-shape';

type Fact = ActionTypeSource['facts'][string];

/** Judges an action type's facts: each comes from a known read, and is given exactly what that read needs. */
export function checkFacts(
  file: string,
  source: ActionTypeSource,
  targets: ReadonlyMap<string, Sourced<TargetSource>>,
  incomplete: boolean,
): Problem[] {
  return Object.entries(source.facts).flatMap(([name, fact]) => {
    const path = `/facts/${name}`;
    const problems: Problem[] = Object.entries(fact.args).flatMap(([arg, pointer]) => {
      const wrong = checkPointer(pointer, { actionType: source, steps: [], facts: false, key: false });
      return wrong === undefined
        ? []
        : [{ file, path: `${path}/args/${arg}`, message: `${wrong}.`, remedy: 'Point to a required parameter.' }];
    });
    const target = targets.get(fact.source)?.source;
    if (target !== undefined) return [...problems, ...checkQuery(file, path, fact, target)];
    if (incomplete) return problems;
    return [
      ...problems,
      {
        file,
        path: `${path}/source`,
        message: `There is no target "${fact.source}".`,
        remedy: 'Write a document of kind Target with that id, or correct the name.',
      },
    ];
  });
}

/** In an operation that answers a fact, placeholders are filled from the fact's arguments by name, and pointers start there: `/id`. */
function checkQuery(file: string, path: string, fact: Fact, target: TargetSource): Problem[] {
  const operation = Object.hasOwn(target.operations, fact.query) ? target.operations[fact.query] : undefined;
  if (operation === undefined) {
    return [
      {
        file,
        path: `${path}/query`,
        message: `The target "${target.id}" has no operation "${fact.query}".`,
        remedy: `Add it there, or use one of ${Object.keys(target.operations).join(', ')}.`,
      },
    ];
  }
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
    ...placeholdersOf(operation.path).filter((name) => !Object.hasOwn(operation.args, name)),
  ]);
  for (const name of needed) {
    if (!Object.hasOwn(fact.args, name))
      problems.push({
        file,
        path: `${path}/args`,
        message: `lacks "${name}", which the operation "${fact.query}" of ${target.id} needs.`,
        remedy: `Add ${name}: /params/….`,
      });
  }
  for (const name of Object.keys(fact.args)) {
    if (!needed.has(name))
      problems.push({
        file,
        path: `${path}/args/${name}`,
        message: `is nothing that the operation "${fact.query}" of ${target.id} asks for.`,
        remedy: 'Remove it, or correct its spelling.',
      });
  }
  return problems;
}
