import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, type TemporalSettings } from '../../config/config';
import { type LoginRole } from '../../db/create-roles';
import { publishedAddresses } from '../../stack/published-addresses';
import { embeddedDatabase } from '../embedded-database';

/** Where to look: what this process is told, or else the stack that runs in this home. */
export interface Places {
  readonly database: Readonly<Partial<Record<LoginRole, string>>>;
  readonly temporal: TemporalSettings | undefined;
  readonly bundle: string | undefined;
  readonly gateway: string | undefined;
  readonly worker: string | undefined;
}

export function placesOf(config: Config): Places {
  const { home, temporal, client, publicUrl, workerPort } = config;
  const running = publishedAddresses(home);
  const { gateway, worker, loops, auditor, owner } = config.database;
  const told = { gateway, worker, loops, auditor, owner };
  // Beside roles of its own, DATABASE_URL is the owner's; alone, it is the server in which the stack on this machine made the roles.
  const ofFleet = [gateway, worker, loops, auditor].some((url) => url !== undefined);
  const database = (ofFleet ? undefined : embeddedDatabase(home)) ?? told;
  return {
    database: Object.fromEntries(Object.entries(database).filter(([, url]) => url !== undefined)),
    temporal: temporal.address === undefined ? running && embeddedTemporal(running.temporal) : temporal,
    bundle:
      config.bundle ??
      running?.bundle ??
      (existsSync(join(home, 'bundle.json')) ? join(home, 'bundle.json') : undefined),
    gateway: client.url ?? running?.gateway ?? publicUrl,
    worker: workerPort === undefined ? undefined : `http://127.0.0.1:${String(workerPort)}`,
  };
}

function embeddedTemporal({ address, namespace }: { readonly address: string; readonly namespace: string }) {
  return { address, namespace, connection: { address } };
}
