import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '../../stack/find-tool';
import { processMark } from '../../stack/process-mark';
import { SERVERS_VARIABLE, type TestServers } from './servers';
import { startServers } from './start-servers';

const PREFIX = 'countersign-test-';

/** Each test file takes one of its own; making all at the start costs half a second together. */
const NAMESPACES = Array.from({ length: 64 }, (_, index) => `t-${String(index + 1).padStart(2, '0')}`);

declare global {
  var stopTestServers: (() => Promise<void>) | undefined;
}

const report = (line: string): void => void process.stderr.write(`test servers: ${line}\n`);

/** One Postgres and one Temporal for the whole run. */
export default async function globalSetup(): Promise<void> {
  const started = performance.now();
  removeLeftovers();
  await buildTools();
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}${String(process.pid)}-`));
  const stops: (() => Promise<void>)[] = [() => Promise.resolve(rmSync(directory, { recursive: true, force: true }))];
  globalThis.stopTestServers = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    const { stop, postgres, temporal, ...servers } = await startServers(directory, { namespaces: NAMESPACES, report });
    stops.push(stop);
    process.env[SERVERS_VARIABLE] = join(directory, 'servers.json');
    writeFileSync(join(directory, 'servers.json'), JSON.stringify(servers satisfies TestServers), { mode: 0o600 });
    report(
      `Postgres (${String(postgres.pid)}) and Temporal (${String(temporal.pid)}) ready in ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
  } catch (error) {
    await globalThis.stopTestServers();
    throw error;
  }
}

/** What must be built is built before the first test: it takes the whole machine for minutes, and what is measured against time would fail meanwhile. */
async function buildTools(): Promise<void> {
  // Without one of them, the tests that need it fail and say the same.
  for (const name of ['temporal', 'opa', 'prometheus', 'promtool'] as const)
    await findTool(name, report).catch((error: unknown) =>
      report(error instanceof Error ? error.message : String(error)),
    );
}

/** Directories of runs that were interrupted. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1] ?? process.pid);
    if (processMark(pid) === undefined) rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 5 }); // another run may be at it too
  }
}
