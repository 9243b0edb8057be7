import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { type Note, type TellPerson, type Told } from '../channels/channel';
import { type DueNote, finishNote, postponeNote, takeDueNotes } from '../db/agent-notes';
import { inTransaction } from '../db/in-transaction';
import { listRecipients } from '../db/list-recipients';
import { withTenant } from '../db/with-tenant';
import { noteWords } from '../domain/note-words';

export interface NoteChannels {
  /** Of the one workspace that we speak in, and for whom. */
  readonly slack?: { readonly tell: TellPerson; readonly team: string; readonly tenant: string };
  readonly email?: { readonly tell: TellPerson };
}

export interface OwnerDeps extends NoteChannels {
  readonly pool: Pool;
  readonly log: Pick<Logger, 'warn'>;
  readonly failed: (channel: 'slack' | 'email') => void;
}

/** A minute's mails at the pace of a slow server, within what taking them puts them off by. */
const AT_ONCE = 10;
/** What follows a note follows days later: nobody has to hear of it within the minute. */
const RETRY_MS = { first: 60_000, most: 21_600_000 };

/** Tells owners what happens to their agents, from the table alone: by Slack where they are known there, else by mail. What it fails at changes nothing. */
export function createTellOwners({ pool, slack, email, log, failed }: OwnerDeps) {
  return async function tellOwners(): Promise<boolean> {
    const due = await inTransaction(pool, async (client) => await takeDueNotes(client, AT_ONCE));
    // One after the other: the same mail server, and nobody waits.
    for (const note of due) await tell(note);
    return due.length === AT_ONCE;
  };

  async function tell(due: DueNote): Promise<void> {
    const told = await reach(due);
    if (told.kind !== 'told') {
      const { tenant, note, agent } = due;
      log.warn({ tenant, note, agent, code: told.code }, 'the owner of an agent could not be told; it is tried again');
    }
    const afterMs = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** due.attempts);
    await inTransaction(pool, async (client) =>
      told.kind === 'told' ? await finishNote(client, due) : await postponeNote(client, due, told.code, afterMs),
    );
  }

  async function reach({ tenant, note, agent, person, kind, madeAt, attempts }: DueNote): Promise<Told> {
    const inSlack = slack?.tenant === tenant ? slack : undefined;
    const [found] = await withTenant(
      pool,
      tenant,
      async (client) => await listRecipients(client, tenant, [person], inSlack?.team ?? null),
    );
    const words: Note = { id: note, agent, madeAtMs: madeAt.getTime(), tried: attempts > 0, ...noteWords(kind, agent) };
    let told: Told = { kind: 'refused', code: 'no_address' };
    if (inSlack !== undefined && found?.slackUser != null) told = await inSlack.tell(words, found.slackUser);
    if (told.kind === 'failed') failed('slack');
    if (told.kind !== 'refused' || email === undefined || found?.mail == null) return told;
    told = await email.tell(words, found.mail);
    if (told.kind === 'failed') failed('email');
    return told;
  }
}
