export interface ChildSettings {
  readonly set: Readonly<Record<string, string>>;
  /** Beginnings of names that the child shall not inherit: it gets its own, or none. */
  readonly hide?: readonly string[];
}

/** This process's environment as a child shall see it. Not read here, only handed on. */
export function childEnvironment({ set, hide = [] }: ChildSettings): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !hide.some((start) => name.startsWith(start)));
  return { ...Object.fromEntries(inherited), ...set };
}
