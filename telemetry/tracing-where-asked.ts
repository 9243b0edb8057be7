import { type Tracing } from './start-tracing';

/** Traces, if an endpoint is set. The packages that they take are loaded only then. */
export async function tracingWhereAsked(
  service: 'gateway' | 'worker',
  endpoint: string | undefined,
): Promise<Tracing | undefined> {
  if (endpoint === undefined) return undefined;
  const { startTracing } = await import('./start-tracing.js');
  return startTracing(service, endpoint);
}
