/** Whoever sits at the terminal, if anybody does. */
export interface Audience {
  /** Puts a question that one key answers. `undefined`: nobody is there, or nobody answered in time; the story goes on by itself then. */
  ask(question: string, keys: readonly string[]): Promise<string | undefined>;
}

/** Without a terminal the story tells itself. */
export const NOBODY: Audience = { ask: () => Promise.resolve(undefined) };
