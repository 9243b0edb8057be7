import { type Context } from '@temporalio/activity';
import { type ActivityInterceptors } from '@temporalio/worker';
import { correlate } from '../telemetry/correlation';
import { traceIdNow } from '../telemetry/trace-request';
import { actionOfWorkflow } from './action-of-workflow';

/** Puts the action, and the request's id where a trace carries it, into each line that an activity logs. */
export function correlateActivity({ info }: Context): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        const request = traceIdNow();
        const about = { ...actionOfWorkflow(info.workflowExecution?.workflowId), activity: info.activityType };
        return await correlate({ ...about, ...(request !== undefined && { request }) }, () => next(input));
      },
    },
  };
}
