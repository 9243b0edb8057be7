import { createPrivateKey, generateKeyPairSync, hash, randomUUID, sign } from 'node:crypto';
import { proofOfKey } from '../domain/proof-of-key';
import { type HeldCredential, type PrivateJwk } from './credential-file';

export function makeKey(): PrivateJwk {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return { kty: 'OKP', crv: 'Ed25519', x, d };
}

/** What registers a key: its public half, and the proof that we hold the private one. */
export function registration(key: PrivateJwk, how: 'enrol' | 'rotate', by: string): object {
  const { kty, crv, x } = key;
  const named = how === 'enrol' ? hash('sha256', by) : by;
  return { publicKey: { kty, crv, x }, proof: signed(key, proofOfKey(how, named, x)) };
}

/** It is sent at once: the rest is for slow networks, and for a clock here that is half a minute before or behind the gateway's. */
const BEFORE_SECONDS = 25;
const AFTER_SECONDS = 30;

/** RFC 7638: what the gateway calls a key. */
export function thumbprintOf({ crv, kty, x }: PrivateJwk): string {
  return hash('sha256', JSON.stringify({ crv, kty, x }), 'base64url');
}

/** Good for one token. */
export function assertionOf(credential: HeldCredential, configDigest: string | undefined): string {
  const { agent, tenant, audience, kid, key } = credential;
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    ...{ iss: agent, sub: agent, tenant, aud: audience, jti: randomUUID() },
    ...{ iat: now - BEFORE_SECONDS, exp: now + AFTER_SECONDS },
    ...(configDigest !== undefined && { config_digest: configDigest }),
  };
  const text = `${encoded({ alg: 'EdDSA', typ: 'countersign-assertion+jwt', kid })}.${encoded(claims)}`;
  return `${text}.${signed(key, text)}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function signed(key: PrivateJwk, text: string): string {
  const privateKey = createPrivateKey({ key: { ...key }, format: 'jwk' });
  return sign(null, Buffer.from(text), privateKey).toString('base64url');
}
