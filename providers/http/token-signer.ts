import { createPrivateKey, hash } from 'node:crypto';
import { SignJWT } from 'jose';
import { LIMITS } from '../../domain/limits';
import { type FilledOperation } from './fill-operation';
import { keyId } from './key-id';

/** How long before its making a token is valid: the clock of a target may lag this far behind ours, as `LIMITS.clockSkewMs` has it. */
const NOT_BEFORE_SECONDS = 1;

/** The subject of tokens that no agent stands behind. */
export const OURSELVES = 'countersign';

export interface TokenSubject {
  readonly audience: string;
  /** Who acts: the agent, or Countersign itself where it reads facts and revokes. */
  readonly subject: string;
  readonly tokenId: string;
  readonly operation: string;
  readonly request: FilledOperation;
  /** Until when it is needed. Tokens know whole seconds, so it lives up to one longer; `LIMITS.clockSkewMs` counts with that. Never longer than an effect may take to begin. */
  readonly withinMs: number;
  /** Which action this belongs to, under which digest; absent where there is none. */
  readonly claims: Readonly<Record<string, string>>;
}

/** Makes the credential for one request: bound to method, path, query and body, so that it is worth nothing for any other. */
export type TokenSigner = (subject: TokenSubject) => Promise<string>;

/** @param clock milliseconds since the epoch */
export function createTokenSigner(
  purpose: 'effects' | 'facts',
  privateKeyPem: string,
  clock: () => number,
): TokenSigner {
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError(`the key for ${purpose} must be an Ed25519 key`);
  const header = { alg: 'EdDSA', typ: 'countersign+jwt', kid: keyId(purpose, key) };

  return ({ audience, subject, tokenId, operation, request, withinMs, claims }) => {
    const nowMs = clock();
    const payload = {
      ...claims,
      op: operation,
      htm: request.method,
      htu: request.path,
      bdy: hash('sha256', request.body),
    };
    return new SignJWT(payload)
      .setProtectedHeader(header)
      .setIssuer(`countersign/${purpose}`)
      .setAudience(audience)
      .setSubject(subject)
      .setJti(tokenId)
      .setIssuedAt(Math.floor(nowMs / 1_000))
      .setNotBefore(Math.floor(nowMs / 1_000) - NOT_BEFORE_SECONDS)
      .setExpirationTime(Math.ceil((nowMs + Math.min(withinMs, LIMITS.sendWithinMs)) / 1_000))
      .sign(key);
  };
}
