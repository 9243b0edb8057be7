import { hash } from 'node:crypto';
import { type Json } from '../domain/json';
import { canonicalJson } from './canonical-json';

/**
 * What is digested. The kind is hashed with the value, so that the digest of one kind never passes for that of another.
 */
export type DigestKind =
  | 'action'
  | 'request'
  | 'facts'
  | 'bundle'
  | 'client-bundle'
  | 'decision'
  | 'report'
  | 'identity'
  | 'chain'
  | 'card'
  | 'body'
  | 'surface'
  | 'agent-version'
  | 'receipt'
  | 'findings';

/**
 * `sha256:` and 64 hex digits: SHA-256 over `countersign/<kind>/v1`, a zero byte and the canonical text of the value.
 * No kind contains a zero byte, hence no two pairs of kind and text make the same input.
 */
export function digestOf(kind: DigestKind, value: Json): string {
  return `sha256:${hash('sha256', `countersign/${kind}/v1\0${canonicalJson(value)}`, 'hex')}`;
}
