import { type Clock, Pace, type Rate } from './pace';
import { type Answer } from './call';
import { type SlackClient } from './slack-client';

/** Slack's own: about one message a second for each channel, and short bursts. */
const POST: Rate = { everyMs: 1_000, burst: 3 };
/** Tier 3, 50 a minute for the whole workspace; what we read with is counted apart from what we write with. */
const TIER_3: Rate = { everyMs: 1_200, burst: 3 };

/** Longer than this nobody is kept who has other channels to write to. */
const MAX_WAIT_MS = 1_500;

/** The same client, never faster than Slack takes it; after a 429, silent for as long as it said. */
export function pacedClient(client: SlackClient, clock: Clock): SlackClient {
  const pace = new Pace(clock, MAX_WAIT_MS);
  const paced = async <T>(key: string, rate: Rate, call: () => Promise<Answer<T>>): Promise<Answer<T>> => {
    const lateMs = await pace.turn(key, rate);
    if (lateMs !== undefined) return { ok: false, fault: { kind: 'retry', code: 'slack.paced', retryAfterMs: lateMs } };
    const answer = await call();
    if (!answer.ok && answer.fault.code === 'slack.ratelimited')
      pace.holdOff(key, answer.fault.retryAfterMs ?? rate.everyMs, rate);
    return answer;
  };
  return {
    post: async (place, ...rest) =>
      await paced(`post/${place.channel}`, POST, async () => await client.post(place, ...rest)),
    update: async (place, ...rest) =>
      await paced(`update/${place.channel}`, TIER_3, async () => await client.update(place, ...rest)),
    find: async (...all) => await paced('find', TIER_3, async () => await client.find(...all)),
    openConversation: async (user) => await paced('open', TIER_3, async () => await client.openConversation(user)),
  };
}
