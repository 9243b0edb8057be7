import { readFile } from 'node:fs/promises';
import { publicKeysOf } from '../../config/public-keys-of';
import { newestMigration } from '../../db/newest-migration';
import { readCondition } from '../../db/read-condition';
import { NOT_READY } from '../../domain/not-ready';
import { BundleRefused } from '../../pdp/bundle-refused';
import { type OpenBundle, openBundle } from '../../pdp/open-bundle';
import { databaseCheck } from '../../telemetry/database-check';
import { withDatabase } from './check-database';
import { type Check, type Finding, off, ok, problem } from './finding';
import { type Places } from './places';

const READ = 'Give it the file of the bundle in force, and bundle.pub.pem of whoever signed it.';

/** The file that gateway and worker load, and what the database says of it: as their own probes ask. */
export function bundleChecks(keys: string, { bundle, database }: Places): Check[] {
  const url = database.gateway ?? database.worker;
  return [
    {
      name: 'bundle',
      remedy: READ,
      look: async () => {
        if (bundle === undefined) return [off('no file is set (COUNTERSIGN_BUNDLE)')];
        const opened = await open(bundle, keys);
        if (opened instanceof BundleRefused) return [problem(`is refused (${opened.refusal})`, READ)];
        return [ok(`version ${String(opened.version)} is signed by bundle.pub.pem`)];
      },
    },
    {
      name: 'migrations and policy in force',
      remedy: 'Bring the database back, and run countersign database migrate.',
      look: async () => {
        if (url === undefined) return [off('neither the gateway’s nor the worker’s URL is set')];
        // One that is refused is told above, and nothing can be compared with it.
        const opened = bundle === undefined ? undefined : await open(bundle, keys);
        const compare = opened instanceof BundleRefused ? undefined : opened;
        return await withDatabase(url, async (pool) => compared(await readCondition(pool), compare));
      },
    },
  ];
}

async function open(path: string, keys: string): Promise<OpenBundle | BundleRefused> {
  try {
    return openBundle(await readFile(path), publicKeysOf(keys, 'bundle').current);
  } catch (error) {
    if (error instanceof BundleRefused) return error;
    return new BundleRefused('unreadable', 'the file or the public key cannot be read', { cause: error });
  }
}

const REMEDIES: Readonly<Partial<Record<keyof typeof NOT_READY, string>>> = {
  migrations_behind: 'As the owner: countersign database migrate.',
  bundle_stale: 'Give every process the file of the bundle in force, and restart it.',
  ledger_read_only: 'Point DATABASE_URL_* at the primary, under the roles that were made for them.',
};

async function compared(
  condition: Awaited<ReturnType<typeof readCondition>>,
  bundle: OpenBundle | undefined,
): Promise<readonly Finding[]> {
  const { bundleInForce } = condition;
  const expected = bundle ?? { digest: '', version: Infinity };
  const { ask } = databaseCheck({ condition: async () => condition, migration: newestMigration(), bundle: expected });
  const found = (await ask()).map((code) =>
    problem(`${code}: ${NOT_READY[code]}`, REMEDIES[code] ?? 'docs/operators.md'),
  );
  if (found.length > 0) return found;
  if (bundle !== undefined && bundleInForce !== null && bundleInForce.digest !== bundle.digest)
    return [
      problem(
        `version ${String(bundleInForce.version)} is in force, the file is another (version ${String(bundle.version)})`,
        'Restart a worker with the file, which puts it in force; the same version of another policy has to be built with a higher one.',
      ),
    ];
  const policy = bundleInForce === null ? 'no policy yet' : `policy version ${String(bundleInForce.version)}`;
  return [ok(`${condition.migration ?? 'nothing'} is the newest migration, ${policy} is in force`)];
}
