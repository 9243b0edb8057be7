import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  SearchAttributeType,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import { SEARCH_ATTRIBUTES, TASK_QUEUES } from '../workflows/contract/names';

/**
 * What every workflow of ours is started with. One id makes one workflow, whoever comes first and however often. An id whose workflow came to
 * its end stays used, unless the outbox finds that Postgres holds no such end; one that was terminated by hand is started again, and goes on from
 * what Postgres holds.
 * No time-out on the workflow: it would end it without its revocations.
 */
export const START_OPTIONS = {
  taskQueue: TASK_QUEUES.actions,
  workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
  workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
  /** A workflow task runs local activities, all short; a worker that dies in one is noticed after this time. */
  workflowTaskTimeout: '5 seconds',
} as const;

type Keyword = Exclude<keyof typeof SEARCH_ATTRIBUTES, 'waitingOn'>;

/** Search attributes with which a workflow starts, by what they say. Readable by everyone who may list workflows: ids and classes only. */
export function searchAttributes(values: Readonly<Partial<Record<Keyword, string>>>): SearchAttributePair[] {
  return Object.entries(values).map(([name, value]) => ({
    key: defineSearchAttributeKey(SEARCH_ATTRIBUTES[name as Keyword], SearchAttributeType.KEYWORD),
    value,
  }));
}
