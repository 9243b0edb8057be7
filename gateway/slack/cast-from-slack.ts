import { type ButtonSubject, digestStart } from '../../channels/slack/ids';
import { noticeOf } from '../../channels/notice-of';
import { loadNotice } from '../../db/load-notice';
import { findSlackPerson } from '../../db/slack-links';
import { takeSlackDelivery } from '../../db/take-slack-delivery';
import { withTenant } from '../../db/with-tenant';
import { type Notice } from '../../domain/notice';
import { type Cast, castBallot } from '../cast-ballot';
import { type SlackDeps } from './slack-deps';

/** The account that pressed. */
export interface Presser {
  readonly team: string;
  readonly user: string;
  readonly userTeam: string;
}

/**
 * Who pressed, and on what. `stranger`: of another workspace, whose word counts for nobody. `unlinked`: of this one, and nobody whom we know.
 * `stale`: what the card showed is not what the request is about.
 */
export type Found =
  | { readonly kind: 'stranger' | 'unlinked' | 'unknown' | 'stale' }
  | { readonly kind: 'known'; readonly person: string; readonly notice: Notice };

export async function findPressed(deps: SlackDeps, presser: Presser, subject: ButtonSubject): Promise<Found> {
  const { tenant, team } = deps.slack;
  if (presser.team !== team || presser.userTeam !== team) return { kind: 'stranger' };
  const { person, record } = await withTenant(deps.pool, tenant, async (client) => ({
    person: await findSlackPerson(client, tenant, presser),
    record: await loadNotice(client, tenant, subject.request),
  }));
  if (record === undefined) return { kind: 'unknown' };
  if (digestStart(record.digest) !== subject.digestStart) return { kind: 'stale' };
  if (person === undefined) return { kind: 'unlinked' };
  return { kind: 'known', person, notice: noticeOf(record, deps.pdp.catalogue) };
}

/** `replayed`: these very bytes took effect before; nothing happened now. */
export async function castFromSlack(
  deps: SlackDeps,
  { person, notice }: Extract<Found, { kind: 'known' }>,
  { choice, reason }: { readonly choice: 'approve' | 'deny'; readonly reason: string | undefined },
  delivery: Buffer,
): Promise<Cast | { readonly kind: 'replayed' }> {
  const { tenant } = deps.slack;
  const { request, digest } = notice;
  const ballot = { request, digest, person, choice, reason, channel: 'slack' as const };
  try {
    return await castBallot(deps, tenant, ballot, async (client) => {
      if (!(await takeSlackDelivery(client, tenant, delivery))) throw new Replayed();
    });
  } catch (error) {
    if (error instanceof Replayed) return { kind: 'replayed' };
    throw error;
  }
}

/** Ends the transaction that it is thrown in. */
class Replayed extends Error {}
