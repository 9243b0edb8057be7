import {
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import { type GovernedActionInput } from '../../workflows/contract/messages';
import { STATUS_QUERY, SUBMIT_UPDATE, WAKE_SIGNAL } from '../../workflows/contract/names';

const { look } = proxyLocalActivities<{ look(input: unknown): Promise<string> }>({
  startToCloseTimeout: '2s',
  retry: { maximumAttempts: 1 },
});

/**
 * Stands where `governedAction` is, to see what the client's door does: looks once; `wait` waits to be woken, everything else ends.
 * Returns what it was given, so that a test sees what arrived.
 */
export async function governedAction(input: GovernedActionInput): Promise<{ input: unknown; signals: unknown[] }> {
  const answers: { state: string }[] = [];
  const signals: unknown[] = [];
  setHandler(defineUpdate<unknown>(SUBMIT_UPDATE), async () => {
    await condition(() => answers.length > 0);
    return answers[0];
  });
  setHandler(defineSignal<unknown[]>(WAKE_SIGNAL), (...args) => void signals.push(args));
  setHandler(defineQuery(STATUS_QUERY), () => ({ answers, input, signals }));

  const seen = signals.length;
  const next = await look(input);
  answers.push({ state: next === 'wait' ? 'waiting' : next });
  if (next === 'wait') await condition(() => signals.length > seen);
  return { input, signals };
}
