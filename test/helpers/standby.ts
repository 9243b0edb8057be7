import { chmodSync, chownSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../stack/embedded-postgres';
import { postgresAccount } from '../../stack/postgres-account';
import { postgresBinaries } from '../../stack/postgres-binaries';
import { postgresFiles } from '../../stack/postgres-files';
import { startLeashed } from '../../stack/start-leashed';
import { waitUntil } from '../../stack/wait-until';
import { testServers } from '../setup/servers';

const quietly = (): void => undefined;

/**
 * A server that follows another, whose files it has, and of which it has heard nothing since `setup` was run there: it answers, and lags for ever.
 */
export async function startStandby(
  setup: string,
): Promise<{ readonly host: string; readonly port: number; stop(): Promise<void> }> {
  const directory = mkdtempSync(join(testServers().directory, 'standby-'));
  chmodSync(directory, 0o711); // Postgres' own account must pass
  const primary = await startEmbeddedPostgres({ directory, report: quietly, durable: false });
  const client = new Client({ connectionString: primary.superuserUrl });
  await client.connect();
  await client.query(setup);
  await client.end();
  await primary.stop();

  const account = postgresAccount();
  const { data } = postgresFiles(directory, account, quietly);
  const signal = join(data, 'standby.signal');
  writeFileSync(signal, '');
  if (account.uid !== undefined && account.gid !== undefined) chownSync(signal, account.uid, account.gid);
  const { port } = primary;
  // It takes as many connections as its primary does, or does not start.
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];
  const standby = await startLeashed({
    program: join(postgresBinaries(account), 'postgres'),
    args: ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    logPath: join(directory, 'standby.log'),
    stopSignal: 'SIGINT',
    cwd: data,
    ...account,
  });
  await waitUntil(() => answers(primary.superuserUrl), {
    what: `The standby took no connections (see ${directory})`,
    withinMs: 20_000,
    givenUp: () => (standby.hasEnded() ? `The standby ended; see ${directory}` : undefined),
  });
  return { host: '127.0.0.1', port, stop: () => standby.stop() };
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString });
  client.on('error', () => undefined);
  return await client.connect().then(
    async () => (await client.end(), true),
    () => false,
  );
}
