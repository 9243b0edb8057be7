import {
  Client,
  Connection,
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import { type DataConverter } from '@temporalio/common';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry-v2';

export type TemporalClient = Client;

/**
 * Between two tries of one call; the SDK's own delays grow to 5 s, by which a call would outlive its deadline. Ten tries make 3 s, after which
 * a server that is down counts as down.
 */
const MAX_RETRY_DELAY_MS = 400;
const FIRST_RETRY_DELAY_MS = 100;

export interface ClientSettings {
  readonly namespace: string;
  /** Address, TLS, API key and metadata. */
  readonly connection: ConnectionOptions;
  readonly dataConverter: DataConverter;
  /** Whether its calls carry the trace that they are made in. */
  readonly traced?: boolean;
}

/**
 * The client's door to Temporal. It connects with the first call and again after every outage, so a process starts while Temporal is down.
 * Every call needs a deadline of its own (`client.withDeadline`): gRPC would wait for ever. Close it with `client.connection.close()`.
 */
export function connectClient({
  namespace,
  connection,
  dataConverter,
  traced = false,
}: ClientSettings): TemporalClient {
  const { retryableDecider } = defaultGrpcRetryOptions();
  const delayFunction = (attempt: number): number => {
    const delay = Math.min(MAX_RETRY_DELAY_MS, FIRST_RETRY_DELAY_MS * 2 ** (attempt - 1));
    return delay * (0.8 + 0.4 * Math.random());
  };
  const interceptors = [makeGrpcRetryInterceptor({ retryableDecider, delayFunction })];
  return new Client({
    connection: Connection.lazy({ ...connection, interceptors }),
    namespace,
    dataConverter,
    ...(traced && { interceptors: { workflow: [new OpenTelemetryWorkflowClientInterceptor()] } }),
  });
}
