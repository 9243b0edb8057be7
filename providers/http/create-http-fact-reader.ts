import { randomUUID } from 'node:crypto';
import { ownMember } from '../../domain/json';
import { type FactReader } from '../../domain/provider';
import { judgeFact } from './judge-answer';
import { createTargetClient, type HttpTargetOptions } from './target-client';
import { OURSELVES } from './token-signer';

export interface HttpFactReader extends FactReader {
  /** Closes the connections that are kept alive. */
  close(): void;
}

/**
 * Reads facts from HTTP services, with GET alone and under tokens of a key of its own: whoever steals that key can read, and change nothing.
 */
export function createHttpFactReader(options: HttpTargetOptions): HttpFactReader {
  const client = createTargetClient('facts', options);
  return {
    read: async ({ tenant, target, operation, args }) => {
      // The build refuses it; a bundle of another version of the program may not.
      if (target.provider !== 'http') return { kind: 'unanswered', code: 'target_tells_no_facts' };
      const known = ownMember(target.operations, operation);
      if (known !== undefined && known.method !== 'GET')
        return { kind: 'unanswered', code: 'operation_changes_things' };
      const exchange = await client.call({
        target,
        operation,
        values: args,
        named: args,
        token: { subject: OURSELVES, tokenId: randomUUID(), claims: { tenant } },
        withinMs: target.limits.timeoutMs,
      });
      return judgeFact(exchange);
    },
    close: () => client.close(),
  };
}
