import { Client, type QueryConfig, type QueryResult } from 'pg';
import { JSON_TYPES } from './json-types';
import { elapsedMs } from '../elapsed-ms';
import { type Reach } from './minter';

export interface Credential {
  readonly role: string;
  readonly password: string;
  /** By the target's clock, as it writes time: nothing may begin later. */
  readonly until: string;
}

/** For a goodbye over a slow line. */
const CLOSE_WITHIN_MS = 500;

/** One connection as the role of one call. */
export interface Session {
  query<R extends object>(text: string, values?: readonly unknown[]): Promise<QueryResult<R>>;
  close(): Promise<void>;
}

/**
 * Logs in. Neither a statement nor a pause between two may last beyond `endsAtMs` (of `elapsedMs`), and the server enforces both: a
 * worker that freezes does not keep a transaction open.
 */
export async function openSession(address: Reach, { role, password }: Credential, endsAtMs: number): Promise<Session> {
  const left = (): number => Math.max(1, Math.ceil(endsAtMs - elapsedMs()));
  const within = String(left());
  const client = new Client({
    ...address,
    user: role,
    password,
    application_name: 'countersign',
    connectionTimeoutMillis: left(),
    options: `-c statement_timeout=${within} -c idle_in_transaction_session_timeout=${within} -c default_transaction_isolation=read\\ committed`,
    types: JSON_TYPES,
  });
  // Without a listener a lost connection would end the process; whoever waits for an answer is told by the answer.
  let lost: Error | undefined;
  client.on('error', (error) => (lost = error));
  try {
    await client.connect();
  } catch (error) {
    await endWithin(client);
    throw error;
  }
  return {
    query: async <R extends object>(text: string, values: readonly unknown[] = []) => {
      if (lost !== undefined) throw lost;
      // Always the extended protocol: there one text is one statement, whatever it holds.
      const query: QueryConfig & Record<'queryMode' | 'query_timeout', unknown> = {
        text,
        values: [...values],
        queryMode: 'extended',
        query_timeout: left(),
      };
      return await client.query<R>(query);
    },
    close: async () => await endWithin(client),
  };
}

/** A target that does not answer does not say goodbye either; its server ends the session by its own limits. */
async function endWithin(client: Client): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_WITHIN_MS)));
  await Promise.race([client.end(), late]);
  clearTimeout(timer);
}
