/** One thing that is wrong with the environment. None of the three ever contains a variable's value: it may be a secret. */
export interface ConfigProblem {
  readonly variable: string;
  /** Reads on after the variable's name: `is not a port`. */
  readonly wrong: string;
  /** What to write instead, as a sentence. */
  readonly remedy: string;
}

/** The environment cannot be used. The message names every problem at once, so that nobody has to start five times to find five. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    const title =
      problems.length === 1 ? 'One setting cannot be used:' : `${String(problems.length)} settings cannot be used:`;
    const lines = problems.map(({ variable, wrong, remedy }) => `  ${variable} ${wrong}. ${remedy}`);
    super([title, ...lines].join('\n'));
  }
}
