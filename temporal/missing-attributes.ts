import { SEARCH_ATTRIBUTES } from '../workflows/contract/names';
import { type TemporalClient } from './connect';

const WITHIN_MS = 5_000;
/** Of `temporal.api.enums.v1.IndexedValueType`. */
const KIND = { keyword: 2, keywordList: 7 } as const;

/** Search attributes of ours that the namespace lacks, or has with another type. Throws where there is no such namespace. */
export async function missingAttributes(client: TemporalClient): Promise<readonly string[]> {
  const { namespace } = client.options;
  const { customAttributes } = await client.withDeadline(Date.now() + WITHIN_MS, async () => {
    await client.workflowService.describeNamespace({ namespace });
    return await client.connection.operatorService.listSearchAttributes({ namespace });
  });
  return Object.values(SEARCH_ATTRIBUTES).filter((name) => {
    const wanted = name === SEARCH_ATTRIBUTES.waitingOn ? KIND.keywordList : KIND.keyword;
    return Number(customAttributes?.[name] ?? 0) !== wanted;
  });
}
