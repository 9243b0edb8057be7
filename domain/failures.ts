import { type Failure } from './failure';
import { REASONS } from './reasons';
import { REFUSALS } from './refusals';

/** Every code that leaves this system; `docs/errors.md` is written from it (`scripts/write-errors.ts`). A code, once released, keeps its meaning. */
export const FAILURES = { ...REFUSALS, ...REASONS } as const satisfies Readonly<Record<string, Failure>>;

export type FailureCode = keyof typeof FAILURES;

/** Looks a code up. */
export function failure(code: FailureCode): Failure {
  return FAILURES[code];
}

/** An error answer, as RFC 9457 has it, with our code and, for a document with several faults, all of them at once. */
export interface Problem {
  /** `urn:countersign:error:<code>`: stable, and no host has to be owned to keep it so. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: FailureCode;
  readonly detail?: string;
  readonly problems?: readonly { readonly path: string; readonly message: string }[];
}

/** Builds the answer for `code`. `detail` must hold nothing that the caller may not see. */
export function problem(code: FailureCode, extra: Pick<Problem, 'detail' | 'problems'> = {}): Problem {
  const { sentence, status } = FAILURES[code];
  return { type: `urn:countersign:error:${code}`, title: sentence, status, code, ...extra };
}
