import { join } from 'node:path';
import { type Payload } from '@temporalio/common';
import { historyToJSON, type History, type JSONPayload, JSONToPayload } from '@temporalio/common/lib/proto-utils';
import { readCodecKeys } from '../../temporal/codec-keys';
import { connectClient, type TemporalClient } from '../../temporal/connect';
import { createDataConverter } from '../../temporal/data-converter';
import { createPayloadCodec, type EncryptingCodec } from '../../temporal/payload-codec';
import { type Spine } from './spine';

export interface StoredHistory {
  readonly workflowId: string;
  readonly history: History;
  /** As the server stores it. */
  readonly raw: string;
  /** The same with every payload decrypted. */
  readonly decoded: string;
}

export async function clientOf(spine: Pick<Spine, 'home' | 'temporal'>): Promise<TemporalClient> {
  const codecKeys = await readCodecKeys(join(spine.home, 'keys', 'codec.json'));
  const { address, namespace } = spine.temporal;
  return connectClient({
    namespace,
    connection: { address },
    dataConverter: createDataConverter({ codecKeys, namespace }),
  });
}

/** Every history of this spine's namespace. */
export async function fetchHistories(spine: Pick<Spine, 'home' | 'temporal'>): Promise<readonly StoredHistory[]> {
  const client = await clientOf(spine);
  const codec = createPayloadCodec({
    keys: await readCodecKeys(join(spine.home, 'keys', 'codec.json')),
    namespace: spine.temporal.namespace,
  });
  // Each call for itself: ten minutes of chaos leave thousands.
  const soon = async <T>(ask: () => Promise<T>): Promise<T> => await client.withDeadline(Date.now() + 30_000, ask);
  try {
    const ids: string[] = [];
    await soon(async () => {
      for await (const { workflowId } of client.workflow.list()) ids.push(workflowId);
    });
    const histories: StoredHistory[] = [];
    for (const workflowId of ids) {
      const history = await soon(() => client.workflow.getHandle(workflowId).fetchHistory());
      const raw = historyToJSON(history);
      histories.push({ workflowId, history, raw, decoded: revealHistory(JSON.parse(raw), codec) });
    }
    return histories;
  } finally {
    await client.connection.close();
  }
}

/** The plain text of every payload, wherever in a history (as JSON) it stands. */
export function revealHistory(history: unknown, codec: EncryptingCodec): string {
  return codec
    .reveal(payloadsIn(history))
    .map(({ data }) => Buffer.from(data ?? []).toString('utf8'))
    .join('\n');
}

function payloadsIn(value: unknown): Payload[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('metadata' in value && 'data' in value) return [JSONToPayload(value as JSONPayload)];
  return Object.values(value).flatMap(payloadsIn);
}
