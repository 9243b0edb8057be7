import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Check, ok, problem } from './finding';

/** What Postgres' write-ahead log may take by its defaults (`max_wal_size`), which the embedded server has under it. */
const MIN_FREE_BYTES = 1024 ** 3;

export function machineChecks(home: string): Check[] {
  const remedy = 'Make room, or name another directory: COUNTERSIGN_HOME.';
  return [
    {
      name: 'disk',
      remedy,
      look: async () => {
        const { bavail, bsize } = await statfs(nearest(home));
        const free = `${(Math.floor((bavail * bsize) / 1024 ** 2) / 1024).toFixed(1)} GiB are free under ${home}`;
        return [bavail * bsize < MIN_FREE_BYTES ? problem(`only ${free}`, remedy) : ok(free)];
      },
    },
  ];
}

/** It is made at the first start. */
function nearest(directory: string): string {
  return existsSync(directory) ? directory : nearest(dirname(directory));
}
