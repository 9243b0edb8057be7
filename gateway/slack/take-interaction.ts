import { createHash } from 'node:crypto';
import { type Context } from 'hono';
import { isFromSlack } from '../../channels/slack/is-from-slack';
import { readInteraction } from '../../channels/slack/read-interaction';
import { RequestRefused } from '../request-refused';
import { readBytes } from '../read-body';
import { answerForm } from './answer-form';
import { answerPress } from './answer-press';
import { type SlackDeps } from './slack-deps';

/** A card of ours with everything in it is a tenth of this. */
const MAX_BYTES = 256 * 1024;

/**
 * What people press and fill in, as Slack tells it. Nothing is read before the bytes are known to be Slack's. 200 means that the vote is
 * committed, or that the person was told why it is not; anything else makes Slack warn them.
 */
export async function takeInteraction(deps: SlackDeps, c: Context): Promise<Response> {
  const body = await readBytes(c.req.raw, MAX_BYTES);
  const signed = {
    body,
    signature: c.req.header('x-slack-signature'),
    timestamp: c.req.header('x-slack-request-timestamp'),
  };
  if (!isFromSlack(signed, deps.slack.signingSecrets, Date.now())) {
    deps.strangers.add('not_from_slack', 'slack');
    throw new RequestRefused('unauthenticated');
  }
  const form = new URLSearchParams(body.toString('utf8'));
  if (form.get('ssl_check') === '1') return c.body(null, 200);
  const interaction = readInteraction(payloadOf(form.get('payload')));
  if (interaction.kind === 'other') return c.body(null, 200);
  const delivery = createHash('sha256')
    .update(`${signed.timestamp ?? ''}:`)
    .update(body)
    .digest();
  const answer =
    interaction.kind === 'press'
      ? await answerPress(deps, interaction, delivery)
      : await answerForm(deps, interaction, delivery);
  return answer === undefined ? c.body(null, 200) : c.json(answer, 200);
}

function payloadOf(text: string | null): Parameters<typeof readInteraction>[0] {
  try {
    const payload = JSON.parse(text ?? '') as unknown;
    if (typeof payload === 'object' && payload !== null) return payload;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new RequestRefused('invalid_json');
}
