import { context, defaultTextMapGetter, propagation, SpanKind, trace } from '@opentelemetry/api';

export interface TracedRequest {
  /** The trace's id; `undefined` where no traces are kept. */
  readonly traceId: string | undefined;
  end(route: string, method: string, status: number, action: string | undefined): void;
}

/**
 * Runs `work` in a trace of its own, which is linked with the caller's where there is one. Were it the caller's, an agent could choose the id that
 * stands in lines and rows, give it to many, or have nothing kept.
 */
export async function traceRequest<T>(
  traceparent: string | undefined,
  work: (request: TracedRequest) => Promise<T>,
): Promise<T> {
  const carrier = traceparent === undefined ? {} : { traceparent };
  const caller = trace.getSpanContext(propagation.extract(context.active(), carrier, defaultTextMapGetter));
  const links = caller === undefined ? [] : [{ context: caller }];
  const span = trace.getTracer('countersign').startSpan('request', { kind: SpanKind.SERVER, root: true, links });
  const traceId = span.isRecording() ? span.spanContext().traceId : undefined;
  const end: TracedRequest['end'] = (route, method, status, action) => {
    span.updateName(`${method} ${route}`);
    span.setAttributes({ 'http.route': route, 'http.request.method': method, 'http.response.status_code': status });
    if (action !== undefined) span.setAttribute('countersign.action', action);
    span.end();
  };
  return await context.with(trace.setSpan(context.active(), span), async () => await work({ traceId, end }));
}

/** The trace that this work belongs to, if any. */
export function traceIdNow(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}
