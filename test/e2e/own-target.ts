import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';

export interface Effect {
  readonly key: string;
  readonly body: { readonly orderId: string; readonly amountMinor: number };
  /** Of the token that allowed it: verified, and made for this very request. */
  readonly token: JWTPayload;
}

/** A shop in its own words, written for no other test: orders, refunds by key, and a strict look at every token. */
export interface OwnTarget {
  readonly url: string;
  readonly effects: readonly Effect[];
  /** What was turned away at the door. */
  readonly refused: readonly string[];
  trust(gatewayUrl: string): void;
  stop(): Promise<void>;
}

export async function startOwnTarget(audience: string): Promise<OwnTarget> {
  const effects: (Effect & { readonly id: string })[] = [];
  const refused: string[] = [];
  const revoked = new Set<string>();
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined;

  async function admit(request: IncomingMessage, body: Buffer): Promise<JWTPayload> {
    if (keys === undefined) throw new Error('nobody is trusted yet');
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    const { payload } = await jwtVerify(token, keys, { algorithms: ['EdDSA'], audience, typ: 'countersign+jwt' });
    const { htm, htu, bdy, jti = '', iss } = payload;
    if (htm !== request.method || htu !== request.url) throw new Error('made for another request');
    if (bdy !== createHash('sha256').update(body).digest('hex')) throw new Error('made for another body');
    if (revoked.has(jti)) throw new Error('revoked');
    if (request.method !== 'GET' && iss !== 'countersign/effects') throw new Error('good for reading only');
    return payload;
  }

  function answer(request: IncomingMessage, body: Buffer, token: JWTPayload): readonly [number, unknown] {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://target');
    const [, collection = '', id = ''] = pathname.split('/');
    const byKey = (key: string | null): unknown => effects.find((effect) => effect.key === key);
    const shown = (effect: unknown): readonly [number, unknown] =>
      effect === undefined ? [404, {}] : [200, { id: (effect as { id: string }).id, ...(effect as Effect).body }];
    switch (`${request.method ?? ''} ${collection}`) {
      case 'GET orders':
        return [200, { id, totalMinor: 5_000, state: 'shipped' }];
      case 'GET refunds':
        return shown(byKey(searchParams.get('key')));
      case 'POST refunds': {
        const key = String(request.headers['idempotency-key']);
        // A second one under the same key is not held back here: the test shall see it.
        effects.push({ key, id: `r${String(effects.length + 1)}`, body: JSON.parse(body.toString()), token });
        return shown(effects.at(-1));
      }
      case 'POST tokens':
        revoked.add(id);
        return [200, {}];
      default:
        return [404, {}];
    }
  }

  const server = createServer((request, response) => {
    void (async () => {
      const body = Buffer.concat(await request.toArray());
      const [status, value] = await admit(request, body).then(
        (token) => answer(request, body, token),
        (error: unknown) => {
          refused.push(`${request.method ?? ''} ${request.url ?? ''}: ${(error as Error).message}`);
          return [401, {}] as const;
        },
      );
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    effects,
    refused,
    trust: (gatewayUrl) => void (keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', gatewayUrl))),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
