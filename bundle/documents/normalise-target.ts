import { type HttpOperation, type Target } from '../../domain/documents';
import { type TargetSource } from './target-shape';

/** A target as the rest of Countersign sees it, every default written out. */
export function normaliseTarget({ id, provider, address, token, limits, operations }: TargetSource): Target {
  return {
    ...{ id, provider, address },
    token: { audience: token.audience, ...(token.revoke === undefined ? {} : { revoke: token.revoke }) },
    limits: { timeoutMs: limits.timeout, responseBytes: limits.responseBytes },
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => [name, normaliseOperation(operation)]),
    ),
  };
}

function normaliseOperation({ method, path, args, query, body }: TargetSource['operations'][string]): HttpOperation {
  return { method, path, args, query, ...(body === undefined ? {} : { body }) };
}
