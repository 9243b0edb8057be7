import { type Problem } from '../problem';
import { type Sources } from './sources';
import { type HttpTargetSource } from './http-target-shape';
import { type TargetSource } from './target-shape';

export type Operation = HttpTargetSource['operations'][string];
export type Targets = Sources['targets'];

/** The names in braces of an operation's path. */
export function placeholdersOf({ path }: Operation): string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map(([, name = '']) => name);
}

/** Every pointer that an operation is filled from. */
export function pointersOf({ args, query, body = {} }: Operation): string[] {
  return [args, query, body].flatMap((values) => Object.values(values)).filter((value) => typeof value === 'string');
}

/** What is wrong with a document that names an operation which its target does not have. */
export function noOperation(file: string, path: string, { id, operations }: TargetSource, name: string): Problem {
  return {
    file,
    path,
    message: `The target "${id}" has no operation "${name}".`,
    remedy: `Add it there, or use one of ${Object.keys(operations).join(', ')}.`,
  };
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
