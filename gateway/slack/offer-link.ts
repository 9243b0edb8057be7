import { hash, randomBytes } from 'node:crypto';
import { linkOffer } from '../../channels/slack/link-offer';
import { type Interaction } from '../../channels/slack/read-interaction';
import { issueLinkCode } from '../../db/slack-links';
import { withTenant } from '../../db/with-tenant';
import { RequestRefused } from '../request-refused';
import { type SlackDeps } from './slack-deps';

/** Nobody whom we know pressed: they are told how to become somebody, and their press counts for nothing. */
export async function offerLink(
  deps: SlackDeps,
  { team, user, channel, request, does }: Extract<Interaction, { kind: 'press' }>,
): Promise<undefined> {
  const { tenant, publicUrl, voice } = deps.slack;
  deps.strangers.add('slack_unlinked', 'slack');
  const code = randomBytes(24).toString('base64url');
  const codeHash = hash('sha256', code, 'buffer');
  const issued = await withTenant(deps.pool, tenant, (client) =>
    issueLinkCode(client, tenant, { team, user }, codeHash),
  );
  // As many entries as there are codes: whoever presses without end does not make the ledger grow. Nothing in an entry says whose account it is.
  if (issued && does !== 'show')
    await deps.ledger.append(tenant, [
      {
        key: `vote-refused/${request}/unlinked/${codeHash.toString('hex').slice(0, 16)}/${does}`,
        event: 'vote.refused',
        entry: { channel: 'slack', code: 'not_entitled', person: null, request, choice: does },
        body: { slackTeam: team, slackUser: user },
      },
    ]);
  const { text, blocks } = linkOffer(issued ? `${publicUrl}/slack/link/${code}` : undefined);
  const answer = await voice.whisper(channel, user, text, blocks);
  if (!answer.ok) throw new RequestRefused('internal', { detail: answer.fault.code });
}
