import { randomUUID } from 'node:crypto';
import { type HttpTarget } from '../../domain/documents';
import { type Provider, type ProviderCall } from '../../domain/provider';
import { type Exchange } from './exchange';
import { judgeEffect, judgeRevocation, judgeStatus } from './judge-answer';
import { createTargetClient, type HttpTargetOptions } from './target-client';
import { OURSELVES } from './token-signer';

export interface HttpProvider extends Provider<HttpTarget> {
  /** Closes the connections that are kept alive. */
  close(): void;
}

/** Time for a target to forget a token; asked again for ever, so it may be short. */
const REVOKE_WITHIN_MS = 2_000;

/**
 * Acts on HTTP services: each call under a token that is good for that one request (`createTokenSigner`), made here and kept nowhere.
 * The service must know effects by idempotency key; `demo/policies/README.md` says what else it must answer.
 */
export function createHttpProvider(options: HttpTargetOptions): HttpProvider {
  const client = createTargetClient('effects', options);

  const perform = (call: ProviderCall<HttpTarget>, changes: boolean): Promise<Exchange> =>
    client.call({
      target: call.target,
      operation: call.operation,
      values: { params: call.values.params, facts: call.values.facts, steps: call.values.steps, key: call.values.key },
      token: {
        subject: call.agentId,
        tokenId: call.grantId,
        claims: { tenant: call.tenant, act: call.actionId, dig: call.digest },
      },
      withinMs: call.withinMs,
      ...(changes ? { key: call.values.key } : {}),
    });
  const change = async (call: ProviderCall<HttpTarget>): Promise<ReturnType<typeof judgeEffect>> =>
    judgeEffect(await perform(call, true));

  return {
    execute: change,
    undo: change,
    status: async (call) => judgeStatus(await perform(call, false)),
    revoke: async ({ grantId, target, expired }) => {
      const operation = target.token.revoke;
      if (operation === undefined)
        return expired ? { kind: 'expired' } : { kind: 'live', code: 'target_cannot_revoke' };
      const exchange = await client.call({
        target,
        operation,
        values: { grant: grantId },
        // Its own id: a token that revokes itself could not be retried.
        token: { subject: OURSELVES, tokenId: randomUUID(), claims: {} },
        withinMs: REVOKE_WITHIN_MS,
        key: `revoke:${grantId}`,
      });
      return judgeRevocation(exchange, expired);
    },
    close: () => client.close(),
  };
}
