import { condition } from '@temporalio/workflow';
import { type Progress } from './progress';

/** Whoever resumes the agent wakes what it holds. In case that is lost with Temporal's database, it looks by itself, as seldom as costs nothing. */
const LOOK_AGAIN_MS = 3_600_000;

/** Waits while the agent is paused, until something was written in Postgres after `seen`: a resumption, a cancellation, an offboarding. */
export async function hold(progress: Progress, seen: number): Promise<void> {
  progress.enter('waiting', 'Held: the agent is paused.', ['operators']);
  await condition(() => progress.wakes() > seen, LOOK_AGAIN_MS, { summary: 'until the agent is resumed' });
}
