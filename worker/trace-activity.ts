import { type Context } from '@temporalio/activity';
import { OpenTelemetryActivityInboundInterceptor } from '@temporalio/interceptors-opentelemetry-v2';
import { type ActivityInterceptors } from '@temporalio/worker';

/** A span for each activity, in the trace of its workflow. */
export function traceActivity(context: Context): ActivityInterceptors {
  return { inbound: new OpenTelemetryActivityInboundInterceptor(context) };
}
