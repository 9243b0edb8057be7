import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { scrubbed } from './scrubbed';

export interface Tracing {
  readonly processor: SpanProcessor;
  readonly resource: Resource;
  /** Sends what is left, as far as somebody takes it. */
  stop(): Promise<void>;
}

/** Whoever takes traces may be away; a process that ends does not wait for it. */
const FLUSH_WITHIN_MS = 2_000;

/** From here on this process makes spans, and sends them to `endpoint` by OTLP over HTTP. Headers for it are taken from `OTEL_EXPORTER_OTLP_HEADERS`. */
export function startTracing(service: 'gateway' | 'worker', endpoint: string): Tracing {
  const resource = resourceFromAttributes({ 'service.name': `countersign-${service}` });
  const processor = scrubbed(new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` })));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ resource, spanProcessors: [processor] }));
  return {
    processor,
    resource,
    stop: async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, FLUSH_WITHIN_MS)));
      await Promise.race([processor.shutdown(), late]).finally(() => clearTimeout(timer));
    },
  };
}
