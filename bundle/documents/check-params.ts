import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { isObject, ownMember } from '../../domain/json';
import { type Problem } from '../problem';
import { checkPattern } from './check-pattern';

type Schema = Readonly<Record<string, unknown>>;

/** Everything that needs no `$ref`, no conditions and no combinations: what remains has one shape that a person can read and a card can show. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'minItems', 'maxItems', 'uniqueItems'],
  string: ['pattern', 'minLength', 'maxLength', 'format'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: [],
};
const EVERYWHERE: readonly string[] = ['type', 'enum', 'const', 'title', 'description', 'examples'];

/** Their texts are bounded by their grammar. */
const FORMATS = ['date', 'date-time', 'uuid'] as const;

/** A canonical action has to fit in a request, a card and a ledger entry's body. */
const MAX_STRING = 65_536;
const MAX_ITEMS = 1_000;

/** One for all schemas: each would read the meta-schema anew, which takes longer than all else that is done with a schema. */
const judge = addFormats(new Ajv2020({ strict: true, validateFormats: true }), [...FORMATS]);

const PARAMETER = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const FORBIDDEN: readonly string[] = ['constructor', 'prototype'];

/** Judges an action type's parameter schema: valid JSON Schema 2020-12, closed objects, and a bound on everything. */
export function checkParams(file: string, schema: Schema): Problem[] {
  const problems = checkSchema(file, '/params', schema);
  if (schema['type'] !== 'object')
    problems.push({
      file,
      path: '/params/type',
      message: 'is not "object".',
      remedy: 'Parameters have names: write type: object.',
    });
  if (problems.length > 0) return problems;
  try {
    judge.compile(schema);
    return [];
  } catch (error) {
    return [
      {
        file,
        path: '/params',
        message: `is not JSON Schema 2020-12: ${error instanceof Error ? error.message : String(error)}.`,
        remedy: 'Correct the schema.',
      },
    ];
  } finally {
    judge.removeSchema(schema);
  }
}

function checkSchema(file: string, path: string, schema: unknown): Problem[] {
  if (!isObject(schema)) return [{ file, path, message: 'is not a schema.', remedy: 'Write an object with a type.' }];
  const type = schema['type'];
  if (type === undefined && ('enum' in schema || 'const' in schema))
    return [...checkKeywords(file, path, schema, []), ...checkValues(file, path, schema)];
  const own = typeof type === 'string' ? ownMember(KEYWORDS, type) : undefined;
  if (own === undefined) {
    const remedy =
      type === 'number'
        ? 'Use an integer in the smallest unit: cents, grams, milliseconds.'
        : `Write one of ${Object.keys(KEYWORDS).join(', ')}, or enum or const.`;
    return [{ file, path: `${path}/type`, message: 'is not a type that parameters may have.', remedy }];
  }
  const problems = [...checkKeywords(file, path, schema, own), ...checkValues(file, path, schema)];
  if ('enum' in schema || 'const' in schema) return problems;
  if (type === 'object') problems.push(...checkObject(file, path, schema));
  if (type === 'array') problems.push(...checkArray(file, path, schema));
  if (type === 'string') problems.push(...checkString(file, path, schema));
  if (type === 'integer') problems.push(...checkInteger(file, path, schema));
  return problems;
}

function checkKeywords(file: string, path: string, schema: Schema, own: readonly string[]): Problem[] {
  const unknown = Object.keys(schema).filter((keyword) => !EVERYWHERE.includes(keyword) && !own.includes(keyword));
  return unknown.map((keyword) => ({
    file,
    path: `${path}/${keyword}`,
    message: 'is a keyword that parameters may not use here.',
    remedy: `Remove it. Allowed: ${[...EVERYWHERE, ...own].join(', ')}.`,
  }));
}

function checkValues(file: string, path: string, { enum: values }: Schema): Problem[] {
  if (values === undefined) return [];
  const scalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
  if (Array.isArray(values) && values.length > 0 && values.length <= 1_000 && values.every(scalar)) return [];
  return [
    {
      file,
      path: `${path}/enum`,
      message: 'is not a list of up to 1000 strings, numbers and booleans.',
      remedy: 'List the allowed values.',
    },
  ];
}

function checkObject(file: string, path: string, schema: Schema): Problem[] {
  const problems: Problem[] = [];
  if (schema['additionalProperties'] !== false)
    problems.push({
      file,
      path,
      message: 'takes members that it does not name.',
      remedy: 'Add additionalProperties: false.',
    });
  const properties = schema['properties'];
  if (!isObject(properties))
    return [
      ...problems,
      {
        file,
        path: `${path}/properties`,
        message: 'is missing.',
        remedy: 'Name the members, even if there are none: properties: {}.',
      },
    ];
  for (const [name, inner] of Object.entries(properties)) {
    const at = `${path}/properties/${name}`;
    if (!PARAMETER.test(name) || FORBIDDEN.includes(name))
      problems.push({
        file,
        path: at,
        message: 'is not a name that a parameter may have.',
        remedy: 'Use a letter, then up to 63 letters, digits and underscores.',
      });
    problems.push(...checkSchema(file, at, inner));
  }
  const required = schema['required'];
  for (const name of Array.isArray(required) ? (required as unknown[]) : []) {
    if (typeof name !== 'string' || !Object.hasOwn(properties, name))
      problems.push({
        file,
        path: `${path}/required`,
        message: `demands ${JSON.stringify(name)}, which is not among the properties.`,
        remedy: 'Describe it, or do not demand it.',
      });
  }
  return problems;
}

function checkArray(file: string, path: string, schema: Schema): Problem[] {
  const problems = checkSchema(file, `${path}/items`, schema['items']);
  if (!isBetween(schema['maxItems'], 0, MAX_ITEMS))
    problems.push({
      file,
      path,
      message: 'has no bound on its length.',
      remedy: `Add maxItems, at most ${String(MAX_ITEMS)}.`,
    });
  return problems;
}

function checkString(file: string, path: string, schema: Schema): Problem[] {
  const { pattern, format, maxLength } = schema;
  const problems: Problem[] = [];
  if (format !== undefined && !(FORMATS as readonly unknown[]).includes(format))
    problems.push({
      file,
      path: `${path}/format`,
      message: 'is a format that is not checked.',
      remedy: `Use ${FORMATS.join(', ')}, or a pattern.`,
    });
  if (maxLength !== undefined && !isBetween(maxLength, 0, MAX_STRING))
    problems.push({
      file,
      path: `${path}/maxLength`,
      message: 'is no bound.',
      remedy: `Write at most ${String(MAX_STRING)}.`,
    });
  const facts =
    typeof pattern === 'string' ? checkPattern(pattern, typeof maxLength === 'number' ? maxLength : undefined) : {};
  if (facts.refusal !== undefined) {
    problems.push({
      file,
      path: `${path}/pattern`,
      message: `${facts.refusal}.`,
      remedy: 'Simplify it: a list of character classes, each repeated at most once, with a small maxLength.',
    });
  }
  if (maxLength === undefined && format === undefined && facts.maxLength === undefined && facts.refusal === undefined) {
    problems.push({
      file,
      path,
      message: 'is a string of any length.',
      remedy: 'Add maxLength, or a pattern from ^ to $ without * and +.',
    });
  }
  return problems;
}

function checkInteger(file: string, path: string, schema: Schema): Problem[] {
  const bounded = (...keywords: string[]): boolean => keywords.some((keyword) => Number.isSafeInteger(schema[keyword]));
  if (bounded('minimum', 'exclusiveMinimum') && bounded('maximum', 'exclusiveMaximum')) return [];
  return [{ file, path, message: 'is an integer without bounds.', remedy: 'Add minimum and maximum.' }];
}

function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}
