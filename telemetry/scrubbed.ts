import { type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace-base';

/**
 * What a span may say: ids, names of routes, workflows and activities, codes. The libraries would also put in search attributes (whom an action waits for),
 * and messages of errors (which quote values).
 */
const KEPT = new Set([
  'http.request.method',
  'http.route',
  'http.response.status_code',
  'countersign.action',
  'temporalWorkflowId',
  'temporalActivityId',
  'temporalUpdateId',
  'run_id',
]);

/** Hands spans on with these attributes alone, with the ids of their links, without events and without words. */
export function scrubbed(next: SpanProcessor): SpanProcessor {
  return {
    forceFlush: async () => await next.forceFlush(),
    shutdown: async () => await next.shutdown(),
    onStart: () => undefined,
    onEnd: (span) => next.onEnd(clean(span)),
  };
}

function clean(span: ReadableSpan): ReadableSpan {
  const { name, kind, parentSpanContext, startTime, endTime, duration, ended, resource, instrumentationScope } = span;
  const attributes = Object.fromEntries(Object.entries(span.attributes).filter(([key]) => KEPT.has(key)));
  return {
    ...{ name, kind, startTime, endTime, duration, ended, resource, instrumentationScope, attributes },
    ...(parentSpanContext !== undefined && { parentSpanContext }),
    spanContext: () => span.spanContext(),
    status: { code: span.status.code },
    // Ids of the caller's, without what the caller may have written beside them.
    links: span.links.map(({ context: { traceId, spanId, traceFlags } }) => ({
      context: { traceId, spanId, traceFlags },
    })),
    events: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
