import { fullView, reasonForm } from '../../channels/slack/forms';
import { type Interaction } from '../../channels/slack/read-interaction';
import { tellState } from '../../channels/slack/tell-state';
import { failure } from '../../domain/failures';
import { type Notice } from '../../domain/notice';
import { RequestRefused } from '../request-refused';
import { castFromSlack, findPressed, type Found } from './cast-from-slack';
import { offerLink } from './offer-link';
import { type SlackDeps } from './slack-deps';

type Press = Extract<Interaction, { kind: 'press' }>;

/** One press of a button: a vote, a form that asks why, the complete view, or words about why nothing came of it. Never silence. */
export async function answerPress(deps: SlackDeps, press: Press, delivery: Buffer): Promise<undefined> {
  const say = async (words: string): Promise<undefined> => await whisper(deps, press, words);
  try {
    const found = await findPressed(deps, press, press);
    switch (found.kind) {
      case 'stranger':
        deps.strangers.add('slack_other_workspace', 'slack');
        return await say('Your workspace is not the one in which this is decided. Nothing was recorded.');
      case 'unlinked':
        return await offerLink(deps, press);
      case 'unknown':
        return await say('This request is not known here any more. Nothing was recorded.');
      case 'stale':
        return await say(`${failure('digest_mismatch').sentence} Look for the newer card. Nothing was recorded.`);
      case 'known':
        return await pressed(deps, press, found, delivery, say);
    }
  } catch (error) {
    // Whoever pressed learns of it twice: by these words, if Slack takes them, and by the warning that follows another answer than 200. The answer
    // of a commit can be lost, so nobody can say more than this.
    const words =
      'Something failed, and this may not have been recorded. Look at the card, and press again if it does not say so.';
    await deps.slack.voice.whisper(press.channel, press.user, words);
    throw error;
  }
}

async function pressed(
  deps: SlackDeps,
  press: Press,
  found: Extract<Found, { kind: 'known' }>,
  delivery: Buffer,
  say: (words: string) => Promise<undefined>,
): Promise<undefined> {
  const { does, trigger, channel } = press;
  const { notice } = found;
  if (does === 'show') return await opened(deps, trigger, fullView(notice));
  if (!mayStillBe(does, notice))
    return await say(`Your press came too late, and changed nothing. ${tellState(notice)}`);
  if (does === 'deny' || asksForReason(notice)) return await opened(deps, trigger, reasonForm(notice, does, channel));
  const cast = await castFromSlack(deps, found, { choice: 'approve', reason: undefined }, delivery);
  if (cast.kind === 'refused') return await say(`${failure(cast.code).sentence} Nothing was recorded.`);
  if (cast.kind === 'recorded' && cast.before) return await say('You approved this already; it counts once.');
  return undefined;
}

/** A denial counts until the effect has begun; Postgres knows when that is. */
function mayStillBe(does: 'approve' | 'deny', { state }: Notice): boolean {
  return state === 'open' || (does === 'deny' && state === 'approved');
}

function asksForReason({ stages }: Notice): boolean {
  return stages.some(({ reason, waitingFor }) => reason === 'required' && waitingFor.length > 0);
}

async function opened(deps: SlackDeps, trigger: string, view: ReturnType<typeof fullView>): Promise<undefined> {
  const answer = await deps.slack.voice.openForm(trigger, view);
  if (!answer.ok) throw new RequestRefused('internal', { detail: answer.fault.code });
}

async function whisper(deps: SlackDeps, { channel, user }: Press, words: string): Promise<undefined> {
  const answer = await deps.slack.voice.whisper(channel, user, words);
  if (!answer.ok) throw new RequestRefused('internal', { detail: answer.fault.code });
}
