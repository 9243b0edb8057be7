import { createPublicKey, verify } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { type CheckedAssertion } from '../db/agent-credentials';
import { type HeldKey } from '../db/find-agent-credential';
import { parseJsonStrict } from '../evidence/parse-json';
import { isCompactJws } from './is-compact-jws';

/** The only header that is taken: no other algorithm, and no key or extension that the sender chooses. */
const header = z.strictObject({
  alg: z.literal('EdDSA'),
  typ: z.literal('countersign-assertion+jwt'),
  kid: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

const seconds = z.int().nonnegative();

const payload = z.strictObject({
  iss: z.string(),
  sub: z.string(),
  tenant: z.string(),
  aud: z.string(),
  iat: seconds,
  nbf: seconds.optional(),
  exp: seconds,
  jti: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
  config_digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
});

/** An assertion is made and sent at once; a minute is for slow networks. */
const LIFE_SECONDS = 60;
/** Between the clock of an agent's machine and ours. */
const SKEW_SECONDS = 5;
/** A page: it is read before anybody is known. */
const LIMITS = { maxBytes: 2_048, maxDepth: 2, maxNodes: 32 };

export interface AssertionCheck {
  readonly audience: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly find: (kid: string) => Promise<HeldKey | undefined>;
}

/**
 * What an agent signs to get a token: a JWT (RFC 7523) in the one form that is taken. `undefined` for everything else; that it is used once is the
 * database's to say.
 */
export async function checkAssertion(text: string, check: AssertionCheck): Promise<CheckedAssertion | undefined> {
  if (!isCompactJws(text)) return undefined;
  const [head = '', body = '', signature = ''] = text.split('.');
  const { data: said } = header.safeParse(read(head));
  const { data: claims } = payload.safeParse(read(body));
  if (said === undefined || claims === undefined || !isInTime(claims, check.now)) return undefined;
  if (claims.aud !== check.audience || claims.iss !== claims.sub) return undefined;
  const held = await check.find(said.kid);
  if (held === undefined || held.agent !== claims.sub || held.tenant !== claims.tenant) return undefined;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: held.x }, format: 'jwk' });
  if (!verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) return undefined;
  const { jti, exp, config_digest: configDigest } = claims;
  return { tenant: held.tenant, kid: said.kid, jti, expiresAt: new Date(exp * 1_000), configDigest };
}

function isInTime(
  { iat, nbf = iat, exp }: { iat: number; nbf?: number | undefined; exp: number },
  now: number,
): boolean {
  const at = now / 1_000;
  return (
    iat <= at + SKEW_SECONDS &&
    nbf <= at + SKEW_SECONDS &&
    exp > at - SKEW_SECONDS &&
    exp <= at + LIFE_SECONDS + SKEW_SECONDS &&
    exp - iat <= LIFE_SECONDS
  );
}

function read(part: string): unknown {
  try {
    return parseJsonStrict(Buffer.from(part, 'base64url'), LIMITS);
  } catch {
    return undefined; // no JSON that two readers read alike is no assertion
  }
}
