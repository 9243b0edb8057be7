import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { type Channel, type Shown, type Surfaces } from '../channels/channel';
import { noticeOf } from '../channels/notice-of';
import { finishNotice, postponeNotice } from '../db/finish-notice';
import { inTransaction } from '../db/in-transaction';
import { listRecipients } from '../db/list-recipients';
import { loadNotice } from '../db/load-notice';
import { type LedgerEntry } from '../db/ledger';
import { surfacesOf } from '../db/surfaces';
import { type DueNotice, takeDueNotices } from '../db/take-due-notices';
import { withTenant } from '../db/with-tenant';
import { type Catalogue } from '../domain/documents';
import { type Notice } from '../domain/notice';
import { digestOf } from '../evidence/digest-of';
import { whileHeld } from './while-held';
import { concerned, hearByMail, hearBySlack, MAIL_INSTEAD_AFTER_MS } from './who-hears';

export interface TellingDeps {
  readonly pool: Pool;
  readonly catalogue: () => Pick<Catalogue, 'actionTypes'>;
  /** The one workspace that we speak in, and for whom. Absent: there is no Slack. */
  readonly slack?: Channel & { readonly team: string; readonly tenant: string };
  readonly email?: Channel;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** Hears of each time that a channel could not show what it should. */
  readonly failed: (channel: 'slack' | 'email') => void;
}

/** As many requests at once as channels take without being flooded; each channel has its own limits besides. */
const AT_ONCE = 10;
/** Between tries for one request: soon at first, and at least every five minutes while its channel is away. */
const RETRY_MS = { first: 1_000, most: 300_000 };

/**
 * Brings every card, thread and mail up to what Postgres says, from the tables alone: it needs no Temporal, and what it fails at changes no
 * decision. Whoever decides where, all the other places follow.
 */
export function createTellPeople({ pool, catalogue, slack, email, log, failed: channelFailed }: TellingDeps) {
  return async function tellPeople(): Promise<boolean> {
    const due = await inTransaction(pool, async (client) => await takeDueNotices(client, AT_ONCE));
    // One that cannot be told keeps no other.
    if (due.length === 0) return false;
    const told = await whileHeld(pool, log, due, () => Promise.allSettled(due.map(tellOrPutOff)));
    told.forEach((each, index) => {
      // Its turn comes when nobody holds it any more.
      if (each.status === 'rejected')
        log.error({ err: each.reason as unknown, ...due[index] }, 'a request could not be put off');
    });
    return told.some((each) => each.status === 'fulfilled' && each.value);
  };

  async function tellOrPutOff(due: DueNotice): Promise<boolean> {
    try {
      return await tell(due);
    } catch (error) {
      log.error({ err: error, ...due }, 'a request could not be told; it is tried again');
      await inTransaction(pool, async (client) => await postponeNotice(client, due, 'internal', backoffMs(due)));
      return false;
    }
  }

  async function tell(due: DueNotice): Promise<boolean> {
    const { tenant, request } = due;
    const stored = surfacesOf(pool, tenant, request);
    const [record, all] = await Promise.all([
      withTenant(pool, tenant, async (client) => await loadNotice(client, tenant, request)),
      stored.list(),
    ]);
    if (record === undefined) return false;
    const notice = noticeOf(record, catalogue());
    const surfaces: Surfaces = {
      all,
      intend: stored.intend,
      shown: async (surface, version, id, shown) => {
        const seen = digestOf('surface', { shown });
        await stored.shown(surface, version, id, seen, evidenceOf(notice, surface, seen));
      },
      gone: stored.gone,
    };
    const bySlack = slack?.tenant === tenant ? slack : undefined;
    const people = await withTenant(
      pool,
      tenant,
      async (client) => await listRecipients(client, tenant, concerned(notice, all), bySlack?.team ?? null),
    );
    const inSlack = await bySlack?.show(notice, surfaces, hearBySlack(people));
    const notAsked = inSlack?.kind === 'failed' && inSlack.asked !== true;
    const mailTo = hearByMail(notice, all, people, notAsked);
    const byMail = mailTo.length === 0 ? undefined : await email?.show(notice, surfaces, mailTo);

    if (inSlack?.kind === 'failed') channelFailed('slack');
    if (byMail?.kind === 'failed') channelFailed('email');
    const failed = [inSlack, byMail].find((shown) => shown?.kind === 'failed');
    if (failed === undefined) {
      await inTransaction(pool, async (client) => await finishNotice(client, due, notice.version));
      return true;
    }
    log.warn({ tenant, request, code: failed.code }, 'a surface could not be brought up to date; it is tried again');
    const afterMs = untilNext(due, failed, notice.sinceOpenedMs);
    await inTransaction(pool, async (client) => await postponeNotice(client, due, failed.code, afterMs));
    return false;
  }
}

/** What people had before them while they could still decide; what they are told afterwards is no ground for any vote. */
function evidenceOf(
  { state, action, request, version }: Notice,
  surface: string,
  shown: string,
): LedgerEntry | undefined {
  if (state !== 'open') return undefined;
  // Its name holds no personal data besides the ids that votes have too; with the version it can be longer than a key may be.
  const key = `approval/${request}/shown/${String(version)}/${digestOf('surface', { surface }).slice(7, 39)}`;
  return { key, event: 'approval.shown', entry: { action, request, surface, version, shown } };
}

function backoffMs({ attempts }: DueNotice): number {
  return Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** attempts);
}

/** Never later than the moment at which people get a mail instead. */
function untilNext(due: DueNotice, failed: Extract<Shown, { kind: 'failed' }>, sinceOpenedMs: number): number {
  const afterMs = failed.retryAfterMs ?? backoffMs(due);
  const untilMail = MAIL_INSTEAD_AFTER_MS - sinceOpenedMs;
  return untilMail > 0 ? Math.min(afterMs, untilMail + 100) : afterMs;
}
