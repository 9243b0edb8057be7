import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { buildBundle } from '../bundle/build-bundle';
import { type Config } from '../config/config';
import { type Catalogue } from '../domain/documents';
import { findTool } from './find-tool';
import { type Report } from './report';
import { writePrivate } from './write-private';

export interface WrittenBundle {
  readonly path: string;
  /** Every group that its approval chains name. */
  readonly groups: readonly string[];
}

/**
 * Builds the policy directory into the signed bundle that gateway and worker load. Its version is that of the bundle in force where nothing has
 * changed, and the next one where something has: worker and database refuse to go back.
 */
export async function writeBundle(config: Config, ownerUrl: string, report: Report): Promise<WrittenBundle> {
  report(`Building the policy bundle of ${config.policies} …`);
  const build = {
    directory: config.policies,
    privateKeyPem: readFileSync(join(config.keys, 'bundle.key.pem'), 'utf8'),
    opaPath: () => findTool('opa', report, config.tools),
    cacheDir: join(config.home, 'compiled-policies'),
  };
  const inForce = await bundleInForce(ownerUrl);
  const next = await buildBundle({ ...build, version: inForce.version + 1 });
  const bundle =
    next.manifest.digest === inForce.digest ? await buildBundle({ ...build, version: inForce.version }) : next;
  const path = join(config.home, 'bundle.json');
  writePrivate(path, JSON.stringify(bundle));
  return { path, groups: groupsOf(bundle.content.catalogue) };
}

async function bundleInForce(url: string): Promise<{ readonly version: number; readonly digest?: string }> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: number; digest: string }>(
      'select version::float8, digest from bundles order by version desc limit 1',
    );
    return rows[0] ?? { version: 0 };
  } finally {
    await client.end();
  }
}

function groupsOf({ chains }: Catalogue): readonly string[] {
  const stages = Object.values(chains).flatMap((chain) => chain.stages);
  const names = stages.flatMap(({ from, escalate }) => [...from, ...(escalate?.to ?? [])]);
  return [...new Set(names.map((name) => name.replace(/^group:/, '')))];
}
