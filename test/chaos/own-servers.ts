import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { testServers } from '../setup/servers';
import { type RunningServers, startServers } from '../setup/start-servers';

/** A Postgres and a Temporal of a file's own, which it may kill, stop and start again. Stop them in `afterAll`; their files go when the run ends. */
export async function startOwnServers(): Promise<RunningServers> {
  const directory = mkdtempSync(join(testServers().directory, 'own-'));
  return await startServers(directory, {
    namespaces: ['t-1'],
    report: (line) => void process.stderr.write(`own servers: ${line}\n`),
  });
}
