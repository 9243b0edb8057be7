import { mkdirSync, readFileSync, renameSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, processMark } from './process-mark';

export interface Lock {
  release(): void;
}

export interface LockOptions {
  /** How long to wait for the holder; 0: not at all. */
  readonly waitMs?: number;
  /** Called once, with the holder's process number. */
  readonly onWait?: (holder: string) => void;
}

/** The lock is held by a living process. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';

  constructor(
    path: string,
    readonly holder: string,
  ) {
    super(`${path} is held by process ${holder}.`);
  }
}

/** Taking over is a few system calls; whoever was killed in the middle of it is long dead after this. */
const TAKEOVER_MS = 5_000;

/** A lock between processes that dies with its holder: a file that names the process. One that a dead process left is taken over. */
export async function takeLock(path: string, { waitMs = 0, onWait }: LockOptions = {}): Promise<Lock> {
  const deadline = performance.now() + waitMs;
  for (let waited = false; ; waited = true) {
    if (tryTake(path)) return { release: () => rmSync(path, { force: true }) };
    const holder = pidOf(holderOf(path));
    if (performance.now() >= deadline) throw new LockHeldError(path, holder);
    if (!waited) onWait?.(holder);
    await sleep(100);
  }
}

/**
 * Looks at the lock and takes it under a guard, because two that find the same dead holder must not both think they replaced it. The guard is
 * a directory: making one is atomic everywhere.
 */
function tryTake(path: string): boolean {
  const guard = `${path}.taking`;
  if (!enter(guard)) return false;
  try {
    const holder = holderOf(path);
    if (holder !== undefined && isRunning(holder)) return false;
    writeFileSync(`${path}.new`, processMark(process.pid) ?? '', { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return true;
  } finally {
    rmdirSync(guard);
  }
}

function enter(guard: string): boolean {
  try {
    mkdirSync(guard);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (isOld(guard)) rmSync(guard, { recursive: true, force: true });
    return false;
  }
}

function isOld(guard: string): boolean {
  const stats = statSync(guard, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs > TAKEOVER_MS;
}

function holderOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function pidOf(mark: string | undefined): string {
  return mark?.split('@')[0] ?? 'unknown';
}
