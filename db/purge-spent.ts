import { type PoolClient } from 'pg';

/** A signed request is accepted for five minutes either way; after that its mark can stop nothing any more. */
const DELIVERY = `delete from slack_deliveries where received_at < clock_timestamp() - interval '15 minutes'`;
/** A day longer than they are good for: whoever comes late is still told that they came late, and not that nobody knows the link. */
const LINK_CODE = `delete from slack_link_codes where expires_at < clock_timestamp() - interval '1 day'`;
const MAIL_LINK = `delete from mail_links where expires_at < clock_timestamp() - interval '1 day'`;
/** A day longer than it is good for: whoever comes late is told so. */
const ENROLMENT = `delete from agent_enrolments where expires_at < clock_timestamp() - interval '1 day'`;
/** Longer than any clock of ours is wrong: an assertion that is good somewhere is still known. */
const ASSERTION = `delete from agent_assertions where expires_at < clock_timestamp() - interval '15 minutes'`;
/** Who looks for what is forgotten asks for an hour of these. */
const MESSAGE = `delete from outbox where done_at < clock_timestamp() - interval '1 day'`;

/** Told or not, it is no news any more; where somebody sets a channel up later, they are told what is new. */
const NOTE = `delete from agent_notes where made_at < clock_timestamp() - interval '30 days'`;
/** Whoever looks into an attack does so within the month; addresses of people are not kept for longer than somebody needs them. */
const SECURITY_EVENT = `delete from security_events where minute < clock_timestamp() - interval '30 days'`;

/** Deletes the marks, links, messages and counts whose time is over, of every tenant. */
export async function purgeSpent(client: PoolClient): Promise<void> {
  for (const statement of [DELIVERY, LINK_CODE, MAIL_LINK, ENROLMENT, ASSERTION, MESSAGE, NOTE, SECURITY_EVENT])
    await client.query(statement);
}
