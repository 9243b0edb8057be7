import { condition } from '@temporalio/workflow';
import { type Waiting } from '../activities/read-verdict';
import { type GovernedActionInput } from './contract/messages';
import { heard } from './heard';
import { type Leave, type PlannedStep } from './leave';
import { deciding } from './proxies';
import { type Progress } from './progress';

interface Asked {
  readonly steps: readonly PlannedStep[];
  readonly why: readonly string[];
  readonly waiting: Waiting;
}

/**
 * Waits until the votes, a cancellation or the deadline end the request. The timer and the signals only say when to
 * look; what counts is what Postgres holds, told by Postgres' clock. `seen`: wake-ups that came before the request was read.
 */
export async function awaitApproval(
  action: GovernedActionInput,
  { steps, why, waiting: first }: Asked,
  progress: Progress,
  seen: number,
): Promise<Leave<PlannedStep>> {
  let waiting = first;
  for (;;) {
    const whom = waiting.people.join(', ');
    progress.enter(
      'waiting',
      `Waiting for a countersignature by ${whom}, as ${why.join(', ')} demands.`,
      waiting.waitingOn,
    );
    progress.answer('waiting');
    await condition(() => progress.wakes() > seen, waiting.wakeInMs, {
      summary: 'until the next reminder or the deadline',
    });
    seen = progress.wakes();
    const verdict = await heard(() => deciding.readVerdict(action));
    switch (verdict.kind) {
      case 'open':
        waiting = verdict.waiting;
        break;
      case 'approved':
        return { kind: 'granted', steps };
      case 'rejected':
        return { kind: 'stopped', stopped: 'rejected', codes: ['rejected_by_person'] };
      case 'expired':
        return { kind: 'stopped', stopped: 'expired', codes: ['approval_expired'] };
      case 'unanswerable':
        return { kind: 'stopped', stopped: 'denied', codes: ['approval_unsatisfiable'] };
      case 'cancelled':
        return { kind: 'stopped', stopped: 'cancelled', codes: ['cancelled_on_request'] };
    }
  }
}
