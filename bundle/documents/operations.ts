import { ownMember } from '../../domain/json';
import { type Problem } from '../problem';
import { type Sources } from './sources';
import { type TargetSource } from './target-shape';

export type Operation = TargetSource['operations'][string];
export type Targets = Sources['targets'];

/** The names in braces of an operation's path. */
export function placeholdersOf({ path }: Operation): string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map(([, name = '']) => name);
}

/** Every pointer that an operation is filled from. */
export function pointersOf({ args, query, body = {} }: Operation): string[] {
  return [args, query, body].flatMap((values) => Object.values(values)).filter((value) => typeof value === 'string');
}

/** The operation that a document names at `path`, or what is wrong with the name. */
export function findOperation(
  file: string,
  path: string,
  target: TargetSource,
  name: string,
): { readonly operation: Operation } | { readonly problem: Problem } {
  const operation = ownMember(target.operations, name);
  if (operation !== undefined) return { operation };
  const problem = {
    file,
    path,
    message: `The target "${target.id}" has no operation "${name}".`,
    remedy: `Add it there, or use one of ${Object.keys(target.operations).join(', ')}.`,
  };
  return { problem };
}

/** What is wrong with a document that names a target which is not there. */
export function noTarget(file: string, path: string, id: string): Problem {
  return {
    file,
    path,
    message: `There is no target "${id}".`,
    remedy: 'Write a document of kind Target with that id, or correct the name.',
  };
}
