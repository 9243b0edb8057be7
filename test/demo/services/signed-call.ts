import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';

const effects = generateKeyPairSync('ed25519');
const facts = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly operation: string;
  readonly body?: object;
  readonly key?: string;
}

/** What a test may falsify about the token of a request. */
export interface Lies {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly kid?: string;
  readonly signer?: 'effects' | 'facts' | 'stranger';
  readonly typ?: string;
  readonly expiresIn?: number;
}

/** Publishes the keys as the gateway does. */
export async function startKeySet(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const jwk = async (key: KeyObject, kid: string): Promise<object> => ({
    ...(await exportJWK(key)),
    kid,
    alg: 'EdDSA',
    use: 'sig',
  });
  const keys = [await jwk(effects.publicKey, 'effects-1'), await jwk(facts.publicKey, 'facts-1')];
  const server = createServer(
    (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys })),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export async function tokenFor(audience: string, request: Request, lies: Lies = {}): Promise<string> {
  const signer = lies.signer ?? 'effects';
  const now = Math.floor(Date.now() / 1_000);
  const body = request.body === undefined ? '' : JSON.stringify(request.body);
  const claims = {
    iss: `countersign/${signer === 'facts' ? 'facts' : 'effects'}`,
    aud: audience,
    sub: 'invoice-agent',
    jti: randomUUID(),
    tenant: 'demo',
    act: 'act-1',
    iat: now,
    nbf: now,
    exp: now + (lies.expiresIn ?? 5),
    op: request.operation,
    htm: request.method,
    htu: request.url,
    bdy: createHash('sha256').update(body).digest('hex'),
    ...lies.claims,
  };
  const key = { effects, facts, stranger }[signer].privateKey;
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ: lies.typ ?? 'countersign+jwt', kid: lies.kid ?? `${signer}-1` })
    .sign(key);
}

/** Sends a request under a token made for it. */
export async function signedCall(
  service: { readonly url: string; readonly name: string },
  request: Request,
  lies: Lies & { readonly token?: string } = {},
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const token = lies.token ?? (await tokenFor(service.name, request, lies));
  const response = await fetch(service.url + request.url, {
    method: request.method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(request.key === undefined ? {} : { 'idempotency-key': request.key }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}
