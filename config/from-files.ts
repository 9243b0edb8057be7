import { readFileSync } from 'node:fs';
import { type ConfigProblem } from './config-error';

/** Variables that hold secrets. Each may be left to a file: what is in a container's definition is read by whoever may list containers. */
export const SECRET_VARIABLES = [
  'COUNTERSIGN_METRICS_TOKEN',
  'COUNTERSIGN_TOKEN',
  'DATABASE_URL',
  'DATABASE_URL_SUPERUSER',
  'DATABASE_URL_GATEWAY',
  'DATABASE_URL_WORKER',
  'DATABASE_URL_LOOPS',
  'DATABASE_URL_AUDITOR',
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SMTP_URL',
] as const;

/** The environment with what `<NAME>_FILE` names in place of it, and what is wrong with those. */
export function fromFiles(env: Readonly<Record<string, string>>): {
  readonly env: Record<string, string>;
  readonly problems: readonly ConfigProblem[];
} {
  const read: Record<string, string> = {};
  const problems: ConfigProblem[] = [];
  for (const name of SECRET_VARIABLES) {
    const variable = `${name}_FILE`;
    const path = env[variable];
    if (path === undefined) continue;
    if (name in env) problems.push({ variable, wrong: `is set beside ${name}`, remedy: 'Set one of them.' });
    try {
      // Editors and `echo` end a file with a line break, which is no part of a secret.
      const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
      // An empty file says as little as an empty variable: a container is given one where a channel is not set up.
      if (value !== '') read[name] = value;
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      problems.push({ variable, wrong: `names a file that cannot be read (${code})`, remedy: 'Name a readable file.' });
    }
  }
  return { env: { ...env, ...read }, problems };
}
