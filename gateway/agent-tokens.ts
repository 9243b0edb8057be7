import { createPrivateKey, createPublicKey, hash, type KeyObject, randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { type PublicKeys } from '../config/public-keys-of';
import { type RedeemedCredential } from '../db/agent-credentials';
import { type TokenHolder } from '../db/authenticate-token';
import { isCompactJws } from './is-compact-jws';

/** Tokens by which agents are known to the gateways of one deployment, and to nobody else. */
export interface AgentTokens {
  /** What they are for, and what assertions are addressed to: the public address of the gateway. */
  readonly audience: string;
  issue(credential: RedeemedCredential): Promise<{ readonly token: string; readonly expiresAt: Date }>;
  /** Whom it names, if it is one of ours and in its time. Whether that credential is still good is the database's to say. */
  verify(token: string): Promise<TokenHolder | undefined>;
}

/** Short, for what was stolen; long enough that an agent asks for a token rarely beside what it does. */
const LIFE_MS = 10 * 60_000;
/** Between the clocks of two gateways. */
const SKEW_SECONDS = 5;
/** RFC 9068. */
const TYPE = 'at+jwt';

export interface AgentTokenOptions {
  readonly privateKeyPem: string;
  /** The key that signs, and those before it: what they signed is over within minutes. */
  readonly publicKeys: PublicKeys;
  readonly audience: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

export function createAgentTokens({ privateKeyPem, publicKeys, audience, clock }: AgentTokenOptions): AgentTokens {
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('the key for agents must be an Ed25519 key');
  const known = [publicKeys.current, ...publicKeys.retired.map(({ pem }) => pem)].map((pem) => createPublicKey(pem));
  const byId = new Map(known.map((each) => [idOf(each), each]));
  const header = { alg: 'EdDSA', typ: TYPE, kid: idOf(createPublicKey(key)) };

  return {
    audience,
    issue: async ({ tenant, agent, generation, epoch, kid, notAfter }) => {
      const now = clock();
      const expiresAt = new Date(Math.floor(Math.min(now + LIFE_MS, Date.parse(notAfter)) / 1_000) * 1_000);
      const token = await new SignJWT({ tenant, generation, epoch, cnf: { kid } })
        .setProtectedHeader(header)
        .setIssuer(audience)
        .setAudience(audience)
        .setSubject(agent)
        .setJti(randomUUID())
        .setIssuedAt(Math.floor(now / 1_000))
        .setExpirationTime(Math.floor(expiresAt.getTime() / 1_000))
        .sign(key);
      return { token, expiresAt };
    },
    verify: async (token) => {
      if (!isCompactJws(token)) return undefined;
      try {
        const { payload } = await jwtVerify<TokenClaims>(token, ({ kid = '' }) => keyOf(byId, kid), {
          ...{ algorithms: ['EdDSA'], typ: TYPE, issuer: audience, audience, clockTolerance: SKEW_SECONDS },
          ...{
            requiredClaims: ['sub', 'exp', 'iat', 'jti', 'tenant', 'generation', 'epoch', 'cnf'],
            currentDate: new Date(clock()),
          },
        });
        const { sub: agent = '', tenant, generation, epoch, cnf } = payload;
        return { tenant, agent, generation, epoch, kid: cnf.kid };
      } catch {
        return undefined; // whatever is wrong with it, it names nobody; why is no business of whoever sent it
      }
    },
  };
}

interface TokenClaims {
  readonly tenant: string;
  readonly generation: number;
  readonly epoch: number;
  /** RFC 7800: the key that it was given for. */
  readonly cnf: { readonly kid: string };
}

function keyOf(keys: ReadonlyMap<string, KeyObject>, kid: string): KeyObject {
  const key = keys.get(kid);
  if (key === undefined) throw new Error('no key of ours');
  return key;
}

function idOf(key: KeyObject): string {
  return `agents-${hash('sha256', key.export({ type: 'spki', format: 'der' })).slice(0, 8)}`;
}
