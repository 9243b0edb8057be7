import { execFileSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The account that the server runs under; empty: our own. */
export interface PostgresAccount {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Postgres refuses to run as root. Where we are root (a container, mostly) it runs as `postgres` or, where no such account exists, as
 * `nobody`; making accounts on somebody's machine is not ours to do.
 */
export function postgresAccount(): PostgresAccount {
  if (process.getuid?.() !== 0) return {};
  const account = accountOf('postgres') ?? accountOf('nobody');
  if (account === undefined) {
    throw new Error(
      'Postgres refuses to run as root, and there is neither an account `postgres` nor `nobody` to run it as. Run this as another user, or set DATABASE_URL.',
    );
  }
  return account;
}

function accountOf(name: string): PostgresAccount | undefined {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch (error) {
    if ((error as { status?: number }).status === 1) return undefined;
    throw new Error('Cannot look up accounts with `id`.', { cause: error });
  }
}

/** Whether the account may enter a directory that exists: every directory on the way down must let it pass. */
export function mayEnter({ uid, gid }: PostgresAccount, directory: string): boolean {
  if (uid === undefined) return isEnterableByUs(directory);
  for (let at = directory; ; at = dirname(at)) {
    const { mode, uid: owner, gid: group } = statSync(at);
    const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

function isEnterableByUs(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return false;
    throw error;
  }
}
