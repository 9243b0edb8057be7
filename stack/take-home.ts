import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CannotStart } from './cannot-start';
import { type Lock, LockHeldError, takeLock } from './take-lock';

/** One home serves one stack at a time. */
export class HomeInUseError extends CannotStart {
  override readonly name = 'HomeInUseError';
}

/** Makes the home, and takes it for this process. */
export async function takeHome(home: string): Promise<Lock> {
  mkdirSync(home, { recursive: true });
  chmodSync(home, 0o711); // nobody else may list it, but Postgres under its own account must pass
  try {
    return await takeLock(join(home, 'lock'));
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause;
    const remedy = 'Stop it, or set COUNTERSIGN_HOME to another directory.';
    throw new HomeInUseError(`Process ${cause.holder} runs Countersign in ${home}. ${remedy}`, { cause });
  }
}
