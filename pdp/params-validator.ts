import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { type ActionType, type Catalogue } from '../domain/documents';
import { type JsonObject, ownMember } from '../domain/json';
import { writePointer } from '../domain/write-pointer';

export interface ParamProblem {
  /** JSON Pointer into the parameters; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

export type ValidatedParams =
  | { readonly ok: true; readonly actionType: ActionType; readonly params: JsonObject }
  | { readonly ok: false; readonly problems: readonly ParamProblem[] };

/** Deeper than any schema that the build lets pass can describe, shallow enough to walk. */
const MAX_DEPTH = 32;

/** Ajv reports every fault of every element; an agent, or a model, reads a few. */
const MAX_PROBLEMS = 20;

const FORBIDDEN_NAMES: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/**
 * Judges parameters against the schema of their action type. Nothing is converted, filled in or removed: what passes is what was sent.
 * The name of the type must be exact; a look-alike is a type that does not exist.
 */
export function createParamsValidator(catalogue: Catalogue): (type: string, params: unknown) => ValidatedParams {
  const ajv = new Ajv2020({
    strict: true,
    allErrors: true,
    ownProperties: true,
    coerceTypes: false,
    useDefaults: false,
    removeAdditional: false,
    unicodeRegExp: true,
  });
  addFormats(ajv, ['date', 'date-time', 'uuid']);
  const compiled = new Map<string, ValidateFunction>();
  return (type, params) => {
    const actionType = ownMember(catalogue.actionTypes, type);
    if (actionType === undefined) return refuse([{ path: '', message: 'there is no action type of that name' }]);
    const unacceptable = firstUnacceptable(params, '', 0);
    if (unacceptable !== undefined) return refuse([unacceptable]);
    let validate = compiled.get(type);
    if (validate === undefined) {
      validate = ajv.compile(actionType.params);
      compiled.set(type, validate);
    }
    if (validate(params)) return { ok: true, actionType, params: params as JsonObject };
    return refuse((validate.errors ?? []).map(describe).slice(0, MAX_PROBLEMS));
  };
}

function refuse(problems: readonly ParamProblem[]): ValidatedParams {
  return { ok: false, problems };
}

function describe({ instancePath, message, keyword, params }: ErrorObject): ParamProblem {
  if (keyword === 'additionalProperties')
    return {
      path: instancePath + writePointer([String(params['additionalProperty'])]),
      message: 'is not a parameter of this action',
    };
  if (keyword === 'required')
    return { path: instancePath + writePointer([String(params['missingProperty'])]), message: 'is missing' };
  if (keyword === 'enum')
    return {
      path: instancePath,
      message: `must be one of ${(params['allowedValues'] as unknown[]).map(String).join(', ')}`,
    };
  return { path: instancePath, message: message ?? 'is not allowed' };
}

/** What no schema can speak about: text that databases refuse, names that JavaScript keeps, values that are no JSON. */
function firstUnacceptable(value: unknown, path: string, depth: number): ParamProblem | undefined {
  if (depth > MAX_DEPTH) return { path, message: `is nested deeper than ${String(MAX_DEPTH)} levels` };
  switch (typeof value) {
    case 'string':
      return isStorable(value) ? undefined : { path, message: 'holds a NUL or half of a surrogate pair' };
    case 'number':
      return Number.isFinite(value) ? undefined : { path, message: 'is not a finite number' };
    case 'boolean':
      return undefined;
    case 'object':
      return value === null ? undefined : firstInside(value, path, depth);
    default:
      return { path, message: 'is not JSON' };
  }
}

function firstInside(container: object, path: string, depth: number): ParamProblem | undefined {
  for (const [name, member] of Object.entries(container)) {
    const at = path + writePointer([name]);
    if (FORBIDDEN_NAMES.includes(name)) return { path: at, message: 'is not a name that a parameter may have' };
    if (!isStorable(name)) return { path, message: 'has a name that holds a NUL or half of a surrogate pair' };
    const problem = firstUnacceptable(member, at, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}
