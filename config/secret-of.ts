import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config } from './config';

/** Names that documents may give to secrets; nothing else becomes a path. */
const NAME = /^[a-z0-9-]{1,63}$/;

/** The secret of that name: from COUNTERSIGN_SECRET_<NAME>, or from a file of that name in `secrets/` beside the keys. `undefined` if there is none. */
export function secretOf({ secrets, keys }: Pick<Config, 'secrets' | 'keys'>, name: string): string | undefined {
  if (!NAME.test(name)) return undefined;
  if (Object.hasOwn(secrets, name)) return secrets[name];
  try {
    // Editors and `echo` end a file with a line break, which is no part of a secret.
    return readFileSync(join(keys, 'secrets', name), 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
