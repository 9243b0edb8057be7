import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../config/paths';

export interface LeashedProgram {
  readonly program: string;
  readonly args: readonly string[];
  /** Output is appended here. */
  readonly logPath: string;
  readonly stopSignal: NodeJS.Signals;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface Leashed {
  readonly pid: number;
  /** Settles when the program has ended, for whatever reason. */
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  /** Asks it to stop, makes it stop after a while, and waits until it has. */
  stop(): Promise<void>;
}

/** A server that hangs while stopping has nothing left to save after this long. */
const STOP_WITHIN_MS = 10_000;

/**
 * Starts a program that ends when this process does. It gets a process group of its own: Ctrl-C in a terminal reaches only us, and we stop
 * things in their order (the worker before its database).
 */
export async function startLeashed({ logPath, ...program }: LeashedProgram): Promise<Leashed> {
  const log = openSync(logPath, 'a', 0o600);
  const leash = fork(
    join(packageRoot(), 'stack', 'leash.mjs'),
    [JSON.stringify({ ...program, stopWithinMs: STOP_WITHIN_MS })],
    {
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
      execArgv: [],
    },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) => leash.once('exit', () => resolve()));
  const pid = await Promise.race([once(leash, 'message').then(([message]) => (message as { pid: number }).pid), ended]);
  if (pid === undefined) throw new Error(`${program.program} did not start; its last words are in ${logPath}`);
  return {
    pid,
    ended,
    hasEnded: () => leash.exitCode !== null || leash.signalCode !== null,
    async stop() {
      if (leash.connected) leash.disconnect();
      await ended;
    },
  };
}
