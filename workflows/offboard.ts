import { condition, patched } from '@temporalio/workflow';
import { type AgentProgress } from './agent-progress';
import { beginAnewIfLong } from './begin-anew';
import { type AgentLifecycleInput } from './contract/messages';
import { heard } from './heard';
import { control, deciding } from './proxies';

/** How soon it is looked again whether what is left has ended: at once while it may be a matter of seconds, then as seldom as costs nothing. */
const LOOK_AGAIN_MS = { first: 1_000, most: 300_000 };

/**
 * Takes an agent out of service. It was fenced when its state changed: nothing of it begins any more. What it began is settled first, for an undo
 * needs credentials; then what mints is ended, then what was minted, and each target is asked what it still has. It cannot be called off: what
 * would go on is another generation.
 */
export async function offboard(agent: AgentLifecycleInput, progress: AgentProgress): Promise<void> {
  for (let refused = 0; ; refused++) {
    const seen = progress.wakes();
    await untilSettled(agent, progress);
    progress.enter('offboarding', 'Ending every access that it has.');
    await heard(() => deciding.cutOff(agent));
    await untilNothingLives(agent, progress);
    if ((await heard(() => deciding.issueReceipt(agent))).issued) return;
    progress.enter('offboarding', 'Something was left when everything had ended.');
    if (!patched('wait-when-refused')) continue; // runs that were refused a receipt before there was a wait
    await beginAnewIfLong(agent);
    await laterOrWoken(progress, seen, refused);
  }
}

async function untilSettled(agent: AgentLifecycleInput, progress: AgentProgress): Promise<void> {
  for (let looked = 0; ; looked++) {
    const seen = progress.wakes();
    const { left, waitingOn } = await heard(() => deciding.settleInFlight(agent));
    if (left === 0) return;
    progress.enter('offboarding', `Waiting for ${String(left)} to end, among them ${waitingOn.join(', ')}.`);
    await beginAnewIfLong(agent);
    await laterOrWoken(progress, seen, looked);
  }
}

async function untilNothingLives(agent: AgentLifecycleInput, progress: AgentProgress): Promise<void> {
  for (let looked = 0; ; looked++) {
    const seen = progress.wakes();
    const { live, unanswered } = await heard(() =>
      control.endAgentAccess.executeWithOptions({ summary: 'end every credential of this agent' }, [agent]),
    );
    if (live === 0 && unanswered.length === 0) return;
    progress.enter(
      'offboarding',
      `${String(live)} credentials live; not answering: ${unanswered.join(', ') || 'none'}.`,
    );
    await beginAnewIfLong(agent);
    await laterOrWoken(progress, seen, looked);
  }
}

async function laterOrWoken(progress: AgentProgress, seen: number, looked: number): Promise<void> {
  const waitMs = Math.min(LOOK_AGAIN_MS.most, LOOK_AGAIN_MS.first * 2 ** Math.min(looked, 10));
  await condition(() => progress.wakes() > seen, waitMs, { summary: 'before it is looked again what is left' });
}
