import { Client, DatabaseError } from 'pg';
import { type Credential } from '../../client';

/** What somebody with a login sees and may do in the general ledger. */
export interface Look {
  readonly postings: number;
  /** What the database said to an attempt to write. */
  readonly writing: string;
  /** Whether the connection that stayed open still answers. */
  answers(): Promise<boolean>;
  close(): Promise<void>;
}

/** Logs in as an agent does, reads, tries what it may not do, and stays. @throws DatabaseError where the login is none */
export async function lookWith({ host, port, database, user, password }: Credential): Promise<Look> {
  const client = new Client({ host, port, database, user, password });
  // The session is ended from the other side; the next question tells.
  client.on('error', (error) => void error);
  await client.connect();
  const { rows } = await client.query<{ postings: number }>('select count(*)::integer as postings from postings');
  return {
    postings: rows[0]?.postings ?? 0,
    writing: await stateOf(client.query(`insert into accounts values ('9999', 'Mine')`)),
    answers: async () => (await stateOf(client.query('select 1'))) === 'done',
    close: () => client.end(),
  };
}

/** Whether a login still lets anybody in. */
export async function letsIn(credential: Credential): Promise<boolean> {
  try {
    await (await lookWith(credential)).close();
    return true;
  } catch (error) {
    // Class 28: whoever this is, there is no such login.
    if (error instanceof DatabaseError && error.code?.startsWith('28') === true) return false;
    throw error;
  }
}

async function stateOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof DatabaseError ? (error.code ?? 'unknown') : 'lost'),
  );
}
