import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { proofOfKey } from '../../domain/proof-of-key';
import { AUDIENCE } from './agent-tokens-of';
import { type Harness, type Reply } from './harness';

/** A pair as an agent makes it. */
export interface AgentKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly x: string;
  readonly kid: string;
}

export function newKey(): AgentKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
  return { privateKey, publicKey, x, kid };
}

/** The body that registers `key`. `by`: the secret, or the thumbprint of the key before it. */
export function registering(key: AgentKey, how: 'enrol' | 'rotate', by: string): object {
  const named = how === 'enrol' ? createHash('sha256').update(by).digest('hex') : by;
  const proof = sign(null, Buffer.from(proofOfKey(how, named, key.x)), key.privateKey).toString('base64url');
  return { ...(how === 'enrol' && { secret: by }), publicKey: { kty: 'OKP', crv: 'Ed25519', x: key.x }, proof };
}

export async function enrolmentSecret(h: Harness): Promise<string> {
  const { status, body } = await h.request('POST', '/v1/admin/agents/agent/enrolments', { as: 'max', json: {} });
  expect(status).toBe(200);
  return (body as { secret: string }).secret;
}

/** What an operator asks of the agent's keys. */
export const manageKeys = (
  h: Harness,
  what: 'rotations' | 'revocations',
  as = 'olga',
  more: object = {},
): Promise<Reply> =>
  h.request('POST', `/v1/admin/agents/agent/${what}`, { as, json: { reason: 'it was in a log', ...more } });

export const enrol = (h: Harness, secret: string, key: AgentKey): Promise<Reply> =>
  h.request('POST', '/v1/agents/enrol', { json: registering(key, 'enrol', secret) });

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Seconds since the epoch. */
export const now = (): number => Math.floor(Date.now() / 1_000);

/** What an honest agent says; tests change it. */
export function honest(key: AgentKey): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const at = { iat: now(), exp: now() + 60 };
  return {
    header: { alg: 'EdDSA', typ: 'countersign-assertion+jwt', kid: key.kid },
    claims: { iss: 'agent', sub: 'agent', tenant: 'acme', aud: AUDIENCE, jti: randomUUID(), ...at },
  };
}

/** Signed, whatever it says. Text is taken as it is. */
export function assertion(key: AgentKey, header: unknown, claims: unknown): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key.privateKey).toString('base64url')}`;
}

export const exchange = (h: Harness, text: string): Promise<Reply> =>
  h.request('POST', '/v1/token', { json: { assertion: text } });

export async function tokenOf(h: Harness, key: AgentKey, more: object = {}): Promise<string> {
  const { header, claims } = honest(key);
  const reply = await exchange(h, assertion(key, header, { ...claims, ...more }));
  expect([reply.status, reply.text]).toEqual([200, reply.text]);
  return (reply.body as { token: string }).token;
}

export const bearer = (token: string): { headers: Record<string, string> } => ({
  headers: { authorization: `Bearer ${token}` },
});

/** What whoever comes with this token is answered: 200 as long as it is good. */
export const knocks = async (h: Harness, token: string): Promise<number> =>
  (await h.request('GET', '/v1/me', bearer(token))).status;

/** Registers the next key in the place of this one, with a token of it. */
export const rotateKey = async (h: Harness, token: string, from: AgentKey, next: AgentKey): Promise<Reply> =>
  await h.request('POST', '/v1/agents/me/keys', { json: registering(next, 'rotate', from.kid), ...bearer(token) });
