import { fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment, type ChildSettings } from '../config/child-environment';
import { packageRoot } from '../config/paths';

export interface ProcessOptions {
  /** For people. */
  readonly name: string;
  /** The module to run. */
  readonly main: string;
  readonly env: ChildSettings;
  /** Output is appended here. */
  readonly logPath: string;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartedProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  hasEnded(): boolean;
  /** Whether it has said, by `process.send({ ready: true })`, that it is at work. */
  isReady(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** Lets this process end before it; it then ends by itself. */
  unref(): void;
  /** SIGTERM, then SIGKILL, and waits. */
  stop(): Promise<ProcessEnd>;
}

/** A worker lets its activities finish for a few seconds; one that hangs longer has lost its reason to. */
const STOP_WITHIN_MS = 15_000;

/** The built entry point of one of our processes. */
export function mainOf(name: 'worker' | 'gateway'): string {
  return join(packageRoot(), 'dist', name, 'main.js');
}

/** Starts a process of ours as a child that ends when this process does. */
export function startProcess({ name, main, env, logPath }: ProcessOptions): StartedProcess {
  const log = openSync(logPath, 'a', 0o600);
  const child = fork(main, [], {
    env: childEnvironment(env),
    stdio: ['ignore', log, log, 'ipc'],
    execArgv: ['--require', join(packageRoot(), 'stack', 'end-with-parent.cjs')],
    // Ctrl-C in a terminal reaches the whole group; the worker must outlive neither us nor be stopped before the gateway.
    detached: true,
  });
  closeSync(log);
  if (child.pid === undefined) throw new Error(`The ${name} could not be started.`);
  let ready = false;
  child.on('message', (message) => (ready ||= (message as { ready?: unknown }).ready === true));
  const ended = new Promise<ProcessEnd>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  return {
    pid: child.pid,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    isReady: () => ready,
    kill: (signal) => void child.kill(signal),
    unref() {
      child.unref();
      child.channel?.unref();
    },
    async stop() {
      child.kill('SIGTERM');
      const last = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      return ended.finally(() => clearTimeout(last));
    },
  };
}
