import { type z } from 'zod';
import { writePointer } from '../../domain/write-pointer';
import { type Problem } from '../problem';

/** Turns what zod found into problems that say what to do. */
export function shapeProblems(file: string, error: z.ZodError): Problem[] {
  return error.issues.flatMap((issue) => issueProblems(file, issue));
}

function issueProblems(file: string, issue: z.core.$ZodIssue): Problem[] {
  const path = writePointer(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        file,
        path: writePointer([...issue.path, key]),
        message: 'is not a field we know.',
        remedy: 'Remove it, or correct its spelling.',
      }));
    case 'invalid_key':
      return issue.issues.flatMap((inner) => issueProblems(file, { ...inner, path: issue.path }));
    case 'invalid_union':
      return issue.discriminator === undefined
        ? [{ file, path, message: 'has none of the allowed forms.', remedy: unionRemedy(issue) }]
        : [{ file, path, message: 'has a value that is not allowed.', remedy: `Write ${optionsOf(issue)}.` }];
    case 'invalid_type':
      return [
        missing(issue)
          ? { file, path, message: 'is missing.', remedy: `Add it (${issue.expected}).` }
          : { file, path, message: `is not of the type ${issue.expected}.`, remedy: 'Correct the value.' },
      ];
    case 'invalid_value':
      return [
        {
          file,
          path,
          message: 'has a value that is not allowed.',
          remedy: `Write ${issue.values.map(String).join(' or ')}.`,
        },
      ];
    case 'too_small':
    case 'too_big':
      return [
        {
          file,
          path,
          message: `${issue.code === 'too_small' ? 'is below' : 'is above'} its bound.`,
          remedy: bound(issue),
        },
      ];
    case 'custom':
      return [{ file, path, message: issue.message, remedy: remedyOf(issue) }];
    default:
      return [{ file, path, message: `${issue.message}.`, remedy: 'Correct the value.' }];
  }
}

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  return issue.code === 'too_small'
    ? `The least is ${String(issue.minimum)}.`
    : `The most is ${String(issue.maximum)}.`;
}

function missing(issue: z.core.$ZodIssueInvalidType): boolean {
  return issue.message.endsWith('received undefined');
}

function remedyOf(issue: z.core.$ZodIssueCustom): string {
  const remedy: unknown = issue.params?.['remedy'];
  return typeof remedy === 'string' ? remedy : 'Correct the value.';
}

/** The values that tell one form from another. */
function optionsOf(issue: z.core.$ZodIssueInvalidUnion): string {
  return 'options' in issue ? (issue.options ?? []).map(String).join(' or ') : 'one of the known values';
}

/** The forms' own remedies, where they have some. */
function unionRemedy(issue: z.core.$ZodIssueInvalidUnion): string {
  const remedies = issue.errors.flat().flatMap((inner) => (inner.code === 'custom' ? [remedyOf(inner)] : []));
  return remedies.length === 0
    ? 'Compare it with the examples in the documentation.'
    : [...new Set(remedies)].join(' Or: ');
}
