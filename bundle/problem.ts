/** One thing wrong with a policy directory. */
export interface Problem {
  /** Relative to the policy directory. */
  readonly file: string;
  /** Where in the document, as a JSON Pointer; `line 7` in Rego and in broken YAML; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  /** What to do, as a sentence. */
  readonly remedy: string;
}

/** The directory cannot become a bundle. Says everything at once, so that nobody has to build five times to find five problems. */
export class PolicyProblems extends Error {
  override readonly name = 'PolicyProblems';

  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
  }
}

export function formatProblem({ file, path, message, remedy }: Problem): string {
  return `${file}${path === '' ? '' : ` ${path}`}: ${message} ${remedy}`;
}
