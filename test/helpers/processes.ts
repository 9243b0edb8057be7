import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { mainOf, type StartedProcess, startProcess } from '../../stack/start-process';
import { waitUntil } from '../../stack/wait-until';
import { testServers } from '../setup/servers';

export interface TestProcess extends StartedProcess {
  readonly logPath: string;
  /** All that it has printed so far. */
  log(): string;
  waitForLog(text: string, withinMs?: number): Promise<void>;
  /** Until it says that it is at work. */
  waitUntilReady(withinMs?: number): Promise<void>;
}

const started = new Set<StartedProcess>();

// Whatever a test file forgets to stop would outlive its database.
afterAll(() => Promise.all([...started].map((each) => each.stop())));

/** A real worker or gateway from dist/ (`npm run build` first), with exactly these settings. Its log outlives it, until the run ends. */
export function startTestProcess(name: 'worker' | 'gateway', env: Readonly<Record<string, string>>): TestProcess {
  mkdirSync(logDirectory(), { recursive: true });
  const logPath = join(mkdtempSync(join(logDirectory(), `${name}-`)), 'output.log');
  const running = startProcess({
    name,
    main: mainOf(name),
    // Any: many gateways run at once, and most tests do not look at what is for operators.
    env: {
      set: { COUNTERSIGN_ADMIN_PORT: '0', ...env, ...weaving(env) },
      hide: ['DATABASE_URL', 'TEMPORAL_', 'COUNTERSIGN_'],
    },
    logPath,
  });
  started.add(running);
  running.unref();
  const log = (): string => readFileSync(logPath, 'utf8');
  const wait = (what: string, holds: () => boolean, withinMs = 20_000): Promise<void> =>
    waitUntil(holds, {
      what: `The ${name} ${what}`,
      withinMs,
      givenUp: () =>
        running.hasEnded() && !holds() ? `The ${name} ended before that:\n${log().slice(-2_000)}` : undefined,
    });
  return {
    ...running,
    logPath,
    log,
    waitForLog: (text, withinMs) => wait(`did not print «${text}»`, () => log().includes(text), withinMs),
    waitUntilReady: (withinMs) => wait('was not ready', () => running.isReady(), withinMs),
  };
}

/** Logs of every process of this test run, for searches that must find nothing. */
export function logDirectory(): string {
  return join(testServers().directory, 'logs');
}

/** The fault points of `test/faults/`, for a process that shall die at one: the product itself has not got them. */
function weaving(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const install = join(packageRoot(), 'dist', 'test', 'faults', 'install.js');
  return (env['COUNTERSIGN_FAULTS'] ?? '') === '' ? {} : { NODE_OPTIONS: `--require ${install}` };
}
