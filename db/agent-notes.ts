import { type PoolClient } from 'pg';
import { type NoteKind } from '../domain/note-words';

/** What the owner of an agent is to be told of it. */
export interface DueNote {
  readonly tenant: string;
  readonly note: string;
  readonly agent: string;
  readonly person: string;
  readonly kind: NoteKind;
  /** When that was so. */
  readonly madeAt: Date;
  /** How often it was tried in vain. */
  readonly attempts: number;
}

/** Of every tenant. Taking them puts off their next turn, so that two loops do not tell the same at once: one takes half a minute at most. */
export async function takeDueNotes(client: PoolClient, limit: number): Promise<readonly DueNote[]> {
  const { rows } = await client.query<DueNote>(
    `with due as (
       select tenant, note from agent_notes where done_at is null and due_at <= clock_timestamp()
       order by due_at limit $1::integer for update skip locked
     )
     update agent_notes n set due_at = clock_timestamp() + interval '5 minutes'
     from due where (n.tenant, n.note) = (due.tenant, due.note)
     returning n.tenant, n.note, n.agent, n.person, n.kind, n.made_at as "madeAt", n.attempts`,
    [limit],
  );
  return rows;
}

type Which = Pick<DueNote, 'tenant' | 'note'>;

export async function finishNote(client: PoolClient, { tenant, note }: Which): Promise<void> {
  await client.query(
    'update agent_notes set done_at = clock_timestamp(), last_code = null where tenant = $1::text and note = $2::uuid',
    [tenant, note],
  );
}

/** It could not be told, and is tried again after `afterMs`. */
export async function postponeNote(
  client: PoolClient,
  { tenant, note }: Which,
  code: string,
  afterMs: number,
): Promise<void> {
  await client.query(
    `update agent_notes set attempts = attempts + 1, last_code = $3::text, due_at = clock_timestamp() + make_interval(secs => $4::float8 / 1000)
     where tenant = $1::text and note = $2::uuid`,
    [tenant, note, code, afterMs],
  );
}
