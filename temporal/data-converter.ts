import { type DataConverter } from '@temporalio/common';
import { type CodecKeys } from './codec-keys';
import { createPayloadCodec } from './payload-codec';

/**
 * The one data converter of every process that speaks to Temporal. All that a workflow takes, keeps or gives is encrypted, also memo, summaries,
 * heartbeats and failures. Not encrypted by design of Temporal: ids, names of types and queues, times, search attributes.
 */
export function createDataConverter(options: {
  readonly codecKeys: CodecKeys;
  readonly namespace: string;
}): DataConverter {
  const { codecKeys, namespace } = options;
  return {
    payloadCodecs: [createPayloadCodec({ keys: codecKeys, namespace })],
    failureConverterPath: require.resolve('./failure-converter'),
  };
}
