import { type HttpOperation, type HttpTarget, type PostgresTarget, type Target } from '../../domain/documents';
import { type HttpTargetSource } from './http-target-shape';
import { type PostgresTargetSource } from './postgres-target-shape';
import { type TargetSource } from './target-shape';

/** A target as the rest of Countersign sees it, every default written out. */
export function normaliseTarget(source: TargetSource): Target {
  switch (source.provider) {
    case 'http':
      return normaliseHttp(source);
    case 'postgres':
      return normalisePostgres(source);
  }
}

function normaliseHttp({ id, provider, address, token, limits, operations }: HttpTargetSource): HttpTarget {
  return {
    ...{ id, provider, address },
    token: { audience: token.audience, ...(token.revoke === undefined ? {} : { revoke: token.revoke }) },
    limits: { timeoutMs: limits.timeout, responseBytes: limits.responseBytes },
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => [name, normaliseOperation(operation)]),
    ),
  };
}

function normaliseOperation({
  method,
  path,
  args,
  query,
  body,
}: HttpTargetSource['operations'][string]): HttpOperation {
  return { method, path, args, query, ...(body === undefined ? {} : { body }) };
}

function normalisePostgres({
  id,
  provider,
  address,
  minter,
  limits,
  operations,
}: PostgresTargetSource): PostgresTarget {
  return {
    ...{ id, provider, address, minter },
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, { profile, sql, params }]) => [
        name,
        sql === undefined ? { profile } : { profile, sql, params },
      ]),
    ),
    limits: { timeoutMs: limits.timeout, responseBytes: limits.responseBytes },
  };
}
