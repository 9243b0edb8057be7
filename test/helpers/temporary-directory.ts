import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { testServers } from '../setup/servers';

/** An empty directory that is removed with everything else when the run ends, however it ends. Postgres' own account may pass through it. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(testServers().directory, 'test-'));
  chmodSync(directory, 0o711);
  return directory;
}
