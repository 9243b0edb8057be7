import { type HttpTarget } from '../../../domain/documents';
import { type ProviderCall } from '../../../domain/provider';

/** A call that pays, changed as the test needs. */
export function callOf(target: HttpTarget, changes: Partial<ProviderCall<HttpTarget>> = {}): ProviderCall<HttpTarget> {
  return {
    tenant: 'demo',
    agentId: 'invoice-agent',
    actionId: 'act-1',
    digest: 'sha256:aa',
    target,
    operation: 'pay',
    values: {
      params: { account: 'a b/ü', amountMinor: 1250 },
      facts: { vendor: { iban: 'DE89' } },
      steps: { pay: { id: 'p-1' } },
      key: 'demo:act-1:pay',
    },
    grantId: 'grant-1',
    withinMs: 2_000,
    ...changes,
  };
}
