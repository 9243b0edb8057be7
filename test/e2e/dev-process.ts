import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../config/paths';

/** What `countersign dev --json` prints when it is ready. */
export interface Ready {
  readonly ready: true;
  readonly gateway: string;
  readonly temporalUi: string;
  readonly temporal: string;
  readonly databaseUrl: string;
  readonly agentKey: string;
  readonly people: Readonly<Record<'alice' | 'bob', { readonly token: string }>>;
}

export interface DevProcess {
  readonly ready: Ready;
  /** All of stdout. */
  lines(): readonly string[];
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

const MAIN = join(packageRoot(), 'dist', 'cli', 'main.js');

/** What a shell would hand on, and nothing of this test run. */
const shell = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'XDG_CACHE_HOME', 'COUNTERSIGN_TEMPORAL', 'COUNTERSIGN_OPA'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

const started = new Set<ChildProcess>();

// One that never became ready, or that a failed test left behind.
afterAll(() => started.forEach((child) => child.kill('SIGKILL')));

/** The real command, as a child, until it says that it is ready. */
export async function startDev(env: Readonly<Record<string, string>>): Promise<DevProcess> {
  const child = spawn(process.execPath, [MAIN, 'dev', '--json'], {
    env: { ...shell(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const said: string[] = [];
  child.stderr.on('data', (chunk) => said.push(String(chunk)));
  const lines: string[] = [];
  const output = createInterface(child.stdout);
  output.on('line', (line) => lines.push(line));
  await Promise.race([once(output, 'line'), ended]);
  const [first] = lines;
  if (first === undefined) throw new Error(`It ended before it was ready:\n${said.join('')}`);
  return {
    ready: JSON.parse(first) as Ready,
    lines: () => lines,
    end: async (signal) => {
      child.kill(signal);
      const [code, by] = await ended;
      return { code, signal: by };
    },
  };
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Any other command, in the same home. */
export function countersign(home: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { ...shell(), NO_COLOR: '1', COUNTERSIGN_HOME: home };
    const child = execFile(process.execPath, [MAIN, ...args], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
    child.stdin?.end();
  });
}
