import { CancellationScope, continueAsNew, defineSignal, setHandler } from '@temporalio/workflow';
import { type DepartureInput, isDepartureInput } from './contract/messages';
import { WAKE_SIGNAL } from './contract/names';
import { heard } from './heard';
import { isLong } from './is-long';
import { deciding } from './proxies';

const wakeSignal = defineSignal(WAKE_SIGNAL);

/**
 * What a person left behind, page by page, until nothing is: Postgres knows what was done, so whoever begins anew goes on. Nobody calls it off.
 */
export async function departure(input: DepartureInput): Promise<void> {
  setHandler(wakeSignal, () => undefined); // it never waits: being woken is being started
  if (!isDepartureInput(input)) return; // started by hand, with who knows what
  await CancellationScope.nonCancellable(() => run(input));
}

async function run(left: DepartureInput): Promise<void> {
  while (!(await heard(() => deciding.handOver(left))).finished)
    if (isLong()) await continueAsNew<typeof departure>(left);
}
