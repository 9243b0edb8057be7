import { type Context } from '@temporalio/activity';
import { type ActivityInterceptors } from '@temporalio/worker';

/** Three in the time after which a worker counts as dead. */
const EVERY_MS = 1_000;

/** Says that an activity lives for as long as its process does: one that was killed is taken up by another within seconds. */
export function heartbeatWhileRunning(context: Context): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        const beat = setInterval(() => context.heartbeat(), EVERY_MS);
        try {
          return await next(input);
        } finally {
          clearInterval(beat);
        }
      },
    },
  };
}
