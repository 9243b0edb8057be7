import { type TemporalClient } from './connect';

/** Whoever asks waits no longer than a probe does. */
const WITHIN_MS = 1_000;

/** Whether Temporal answers at all. */
export async function temporalAnswers(client: TemporalClient): Promise<boolean> {
  try {
    await client.withDeadline(Date.now() + WITHIN_MS, () => client.workflowService.getSystemInfo({}));
    return true;
  } catch {
    // Whatever it is, nobody there does what we ask.
    return false;
  }
}
