import { formRefusal } from '../../channels/slack/forms';
import { type Interaction } from '../../channels/slack/read-interaction';
import { failure } from '../../domain/failures';
import { castFromSlack, findPressed } from './cast-from-slack';
import { type SlackDeps } from './slack-deps';

/** A form that was submitted: it closes when the vote is committed, and stays open with the reason when it is not. */
export async function answerForm(
  deps: SlackDeps,
  form: Extract<Interaction, { kind: 'form' }>,
  delivery: Buffer,
): Promise<object | undefined> {
  const found = await findPressed(deps, form, form);
  if (found.kind === 'stale') return formRefusal(failure('digest_mismatch').sentence);
  if (found.kind !== 'known') return formRefusal(failure('not_entitled').sentence);
  const reason = form.reason.trim() === '' ? undefined : form.reason;
  const cast = await castFromSlack(deps, found, { choice: form.choice, reason }, delivery);
  if (cast.kind === 'refused') return formRefusal(`${failure(cast.code).sentence} Nothing was recorded.`);
  return undefined;
}
