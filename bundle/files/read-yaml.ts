import { LineCounter, parseAllDocuments } from 'yaml';
import { writePointer } from '../../domain/write-pointer';
import { type Problem } from '../problem';

/** Documents nest six deep, parameters some more; deeper is a mistake or an attack on whoever walks it. */
const MAX_DEPTH = 32;

const FORBIDDEN_NAMES: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/**
 * The value of a YAML 1.2 or JSON text. One document, no repeated names, no anchors or aliases (a page of them can stand for gigabytes),
 * no tags, names that are strings, numbers that are finite: what two readers could read differently is refused.
 */
export function readYaml(
  file: string,
  text: string,
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
    stringKeys: true,
    merge: false,
    lineCounter: lines,
    prettyErrors: false,
  });
  const refuse = (...problems: readonly Problem[]): ReturnType<typeof readYaml> => ({ value: undefined, problems });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (document === undefined)
    return refuse({ file, path: '', message: 'is empty.', remedy: 'Delete it, or write the document.' });
  if (second !== undefined) {
    return refuse({
      file,
      path: '',
      message: 'holds more than one document.',
      remedy: 'Write one document per file, without a line of ---.',
    });
  }
  const broken = [...document.errors, ...document.warnings].map((error): Problem => {
    const { line } = lines.linePos(error.pos[0]);
    return {
      file,
      path: `line ${String(line)}`,
      message: `is not YAML that we accept: ${error.message}.`,
      remedy: 'Correct the line.',
    };
  });
  if (broken.length > 0) return refuse(...broken);
  try {
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    const problem = firstUnacceptable(file, value, '', 0);
    return problem === undefined ? { value, problems: [] } : refuse(problem);
  } catch (error) {
    const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
    return refuse({ file, path: '', message, remedy: 'Write values out instead of using anchors and aliases.' });
  }
}

function firstUnacceptable(file: string, value: unknown, path: string, depth: number): Problem | undefined {
  if (depth > MAX_DEPTH)
    return { file, path, message: `is nested deeper than ${String(MAX_DEPTH)} levels.`, remedy: 'Flatten it.' };
  if (typeof value === 'number' && !isExact(value)) {
    return {
      file,
      path,
      message: 'is a number that does not survive JSON.',
      remedy: 'Use an integer up to 9007199254740991, or write it as a string.',
    };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const at = path + writePointer([name]);
    if (FORBIDDEN_NAMES.includes(name))
      return { file, path: at, message: 'is a name that JavaScript keeps for itself.', remedy: 'Choose another name.' };
    const problem = firstUnacceptable(file, member, at, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Beyond 2^53 an integer is rounded when it is read: the limit enforced would not be the limit written. */
function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}
