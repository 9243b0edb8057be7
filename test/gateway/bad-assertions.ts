import { createHmac } from 'node:crypto';
import { type AgentKey, assertion, honest, newKey, now } from './agent-key';
import { AUDIENCE } from './agent-tokens-of';

/** Everything that is almost an assertion: what it is called, and how one is made for the key of this test. */
export function badAssertions(key: () => AgentKey): readonly (readonly [string, () => string])[] {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const changed =
    (header: object, claims: object = {}) =>
    (): string => {
      const said = honest(key());
      return assertion(key(), { ...said.header, ...header }, { ...said.claims, ...claims });
    };
  const without = (name: string) => (): string => {
    const { header, claims } = honest(key());
    return assertion(key(), header, Object.fromEntries(Object.entries(claims).filter(([each]) => each !== name)));
  };
  const whole = (): string => assertion(key(), honest(key()).header, honest(key()).claims);
  const unsigned = (alg: string, signature: string) => (): string =>
    `${part({ ...honest(key()).header, alg })}.${part(honest(key()).claims)}.${signature}`;
  const doubled = (first: string, second: string) => (): string => {
    const { header, claims } = honest(key());
    const said = [first, JSON.stringify(claims).slice(1, -1), second].filter((each) => each !== '');
    return assertion(key(), header, `{${said.join(',')}}`);
  };

  return [
    ['alg none, no signature', unsigned('none', '')],
    ['alg None, some signature', unsigned('None', 'A'.repeat(86))],
    ['alg none, signed', changed({ alg: 'none' })],
    ['alg HS256', changed({ alg: 'HS256' })],
    [
      'HS256 with the public key as its secret',
      () => {
        const text = `${part({ ...honest(key()).header, alg: 'HS256' })}.${part(honest(key()).claims)}`;
        const pem = key().publicKey.export({ type: 'spki', format: 'pem' });
        return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
      },
    ],
    ['alg Ed25519 by its other name', changed({ alg: 'Ed25519' })],
    ['alg in small letters', changed({ alg: 'eddsa' })],
    ['no alg', changed({ alg: undefined })],
    ['typ JWT', changed({ typ: 'JWT' })],
    ['typ of a token', changed({ typ: 'at+jwt' })],
    ['no typ', changed({ typ: undefined })],
    ['jku', changed({ jku: 'https://evil.example/keys' })],
    ['x5u', changed({ x5u: 'https://evil.example/cert' })],
    ['jwk in the header', changed({ jwk: { kty: 'OKP', crv: 'Ed25519', x: newKey().x } })],
    ['crit', changed({ crit: ['exp'] })],
    ['b64 false', changed({ b64: false, crit: ['b64'] })],
    ['zip', changed({ zip: 'DEF' })],
    ['no kid', changed({ kid: undefined })],
    ['a kid that is a path', changed({ kid: '../../etc/passwd' })],
    ['a kid of nobody', changed({ kid: newKey().kid })],
    ['signed with another key', () => assertion(newKey(), honest(key()).header, honest(key()).claims)],
    ['the claims of another agent', changed({}, { iss: 'other-agent', sub: 'other-agent' })],
    ['another issuer than subject', changed({}, { iss: 'other-agent' })],
    ['another tenant', changed({}, { tenant: 'rival' })],
    ['another audience', changed({}, { aud: 'https://other.example' })],
    ['an audience with a slash', changed({}, { aud: `${AUDIENCE}/` })],
    ['many audiences', changed({}, { aud: [AUDIENCE, 'https://other.example'] })],
    ['expired', changed({}, { iat: now() - 120, exp: now() - 60 })],
    ['good for longer than a minute', changed({}, { exp: now() + 61 + 60 })],
    ['long ago, for a long time', changed({}, { iat: now() - 3_600 })],
    ['not yet', changed({}, { nbf: now() + 60 })],
    ['from the future', changed({}, { iat: now() + 30, exp: now() + 60 })],
    ['exp as text', changed({}, { exp: String(now() + 60) })],
    ['exp with a fraction', changed({}, { exp: now() + 10.5 })],
    ['exp beyond numbers', changed({}, { exp: 1e300 })],
    ['a claim that nobody knows', changed({}, { roles: ['admin'] })],
    ['a jti that is too short to be chance', changed({}, { jti: '1' })],
    ['a digest that is none', changed({}, { config_digest: 'md5:00' })],
    ...['iss', 'sub', 'tenant', 'aud', 'iat', 'exp', 'jti'].map((name): readonly [string, () => string] => [
      `no ${name}`,
      without(name),
    ]),
    ['a claim twice, the good one first', doubled('', '"tenant":"rival"')],
    ['a claim twice, the good one last', doubled('"tenant":"rival"', '')],
    ['the same claim twice, alike', doubled('"tenant":"acme"', '')],
    ['no JSON', () => assertion(key(), honest(key()).header, 'exp')],
    ['a list', () => assertion(key(), honest(key()).header, [honest(key()).claims])],
    ['two parts', () => whole().split('.').slice(0, 2).join('.')],
    ['four parts', () => `${whole()}.AA`],
    ['padding', () => `${whole()}==`],
    ['a space', () => ` ${whole()}`],
    ['a line break inside', () => whole().replace('.', '\n.')],
    ['an empty signature', () => whole().replace(/[^.]+$/, '')],
    ['half a signature', () => whole().slice(0, -43)],
    // 64 bytes leave four bits over: the same signature, spelt another way.
    [
      'the signature in another spelling',
      () => whole().replace(/.$/, (last) => ({ A: 'B', Q: 'R', g: 'h', w: 'x' })[last] ?? '!'),
    ],
    [
      'the alphabet of plain base64',
      () => whole().replace(/[^.]+$/, (s) => s.replaceAll('-', '+').replaceAll('_', '/') + '+'),
    ],
    [
      'larger than any',
      () => assertion(key(), honest(key()).header, { ...honest(key()).claims, x: 'x'.repeat(2_000) }),
    ],
  ];
}
