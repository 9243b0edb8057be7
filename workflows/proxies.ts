import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import { type ControlActivities, type DecidingActivities, type EffectActivities } from '../activities';
import { TASK_QUEUES } from './contract/names';

const SOON = { initialInterval: '100 milliseconds', maximumInterval: '5 seconds' } as const;

/**
 * Short database work, inside the workflow's own task, so that it costs no task of its own. Far below the time-out of a
 * workflow task (5 s); a database that is away is asked again for ever, for there is nothing else to do. A worker that holds
 * an older bundle is not asked again: it takes no other until it is started again.
 */
export const deciding = proxyLocalActivities<DecidingActivities>({
  startToCloseTimeout: '3 seconds',
  retry: { ...SOON, nonRetryableErrorTypes: ['bundle_stale'] },
});

/** For what the workflow's own worker cannot decide. Each attempt is for any worker of the queue, and so not begun by that one in the same breath. */
export const decidingAnywhere = proxyActivities<Pick<DecidingActivities, 'decide'>>({
  taskQueue: TASK_QUEUES.actions,
  startToCloseTimeout: '3 seconds',
  allowEagerDispatch: false,
  retry: SOON,
});

/**
 * What touches targets. A worker that dies is noticed by its missing heartbeat. After ten minutes the step is looked at
 * afresh rather than run from a stale task.
 */
export const effects = proxyActivities<EffectActivities>({
  taskQueue: TASK_QUEUES.effects,
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '10 minutes',
  heartbeatTimeout: '3 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '30 seconds' },
});

/** Never gives up: no limit on attempts, nor on time. */
export const control = proxyActivities<ControlActivities>({
  taskQueue: TASK_QUEUES.control,
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** The same where an agent waits for it: making or ending a login takes a second, so a worker that died over it is soon replaced. */
export const access = proxyActivities<ControlActivities>({
  taskQueue: TASK_QUEUES.control,
  startToCloseTimeout: '5 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '1 minute' },
});
