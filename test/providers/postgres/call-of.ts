import { randomUUID } from 'node:crypto';
import { type PostgresTarget } from '../../../domain/documents';
import { type ProviderCall } from '../../../domain/provider';

interface Changes extends Partial<Omit<ProviderCall<PostgresTarget>, 'values'>> {
  readonly params?: ProviderCall['values']['params'];
  readonly steps?: ProviderCall['values']['steps'];
  readonly key?: string;
}

/** A call that posts an entry of nobody else's, changed as the test needs. */
export function callOf(
  target: PostgresTarget,
  { params, steps = {}, key, ...changes }: Changes = {},
): ProviderCall<PostgresTarget> {
  const id = randomUUID();
  return {
    tenant: 'demo',
    agentId: 'bookkeeper',
    actionId: `act-${id}`,
    digest: 'sha256:aa',
    target,
    operation: 'post',
    values: {
      params: { account: 'cash', amountMinor: 1_250, memo: id, ...params },
      facts: {},
      steps,
      key: key ?? `demo/act-${id}/post/do`,
    },
    grantId: `act-${id}.post.do.1`,
    withinMs: 2_000,
    ...changes,
  };
}
