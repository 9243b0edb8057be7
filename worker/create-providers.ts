import { type Logger } from 'pino';
import { type TouchingDeps } from '../activities/deps';
import { type Config } from '../config/config';
import { secretOf } from '../config/secret-of';
import { createHttpFactReader } from '../providers/http/create-http-fact-reader';
import { createHttpProvider } from '../providers/http/create-http-provider';
import { createPostgresProvider, type PostgresProvider } from '../providers/postgres/create-postgres-provider';

export interface Providers extends Pick<TouchingDeps, 'facts'> {
  readonly providers: TouchingDeps['providers'] & { readonly postgres: PostgresProvider };
  /** Closes the connections that are kept. */
  close(): Promise<void>;
}

/** Everything that touches a target, with the credentials that it needs. `key` reads a private key by its file's name. */
export function createProviders(config: Config, key: (name: string) => string, log: Logger): Providers {
  const production = config.mode === 'production';
  const addresses = config.targets;
  const overHttp = { clock: Date.now, allowPrivate: !production, addresses };
  const http = createHttpProvider({ ...overHttp, privateKeyPem: key('effects.key.pem') });
  const facts = createHttpFactReader({ ...overHttp, privateKeyPem: key('facts.key.pem') });
  const postgres = createPostgresProvider({
    addresses,
    secret: (name) => secretOf(config, name),
    production,
    onLost: (lost) => log.warn(lost, 'lost a connection to a target'),
  });
  return {
    providers: { http, postgres },
    facts,
    close: async () => {
      http.close();
      facts.close();
      await postgres.close();
    },
  };
}
