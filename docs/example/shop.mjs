// A target in one file: two orders, refunds by idempotency key, and a look at every token.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const orders = new Map([
  ['17', { id: '17', totalMinor: 5000, state: 'shipped' }],
  ['18', { id: '18', totalMinor: 9900, state: 'open' }],
]);
const refunds = new Map(); // by idempotency key
const revoked = new Set(); // tokens that we were told to forget
const keys = createRemoteJWKSet(
  new URL('/.well-known/jwks.json', process.env.COUNTERSIGN_URL ?? 'http://127.0.0.1:8420'),
);

/** A token is good for one request alone, for seconds: this method, this path, this body. */
async function admit(request, body) {
  const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
  const { payload } = await jwtVerify(token, keys, { algorithms: ['EdDSA'], audience: 'shop', typ: 'countersign+jwt' });
  const fits =
    payload.htm === request.method &&
    payload.htu === request.url &&
    payload.bdy === createHash('sha256').update(body).digest('hex');
  if (revoked.has(payload.jti)) throw new Error('revoked');
  if (!fits) throw new Error('made for another request');
  if (request.method !== 'GET' && payload.iss !== 'countersign/effects') throw new Error('only reads');
}

function answer(request, body) {
  const { pathname, searchParams } = new URL(request.url, 'http://shop');
  const [, collection, id] = pathname.split('/');
  const byId = () => [...refunds.values()].find((refund) => refund.id === id);
  switch (`${request.method} ${collection}`) {
    case 'GET orders':
      return orders.has(id) ? [200, orders.get(id)] : [404, {}];
    case 'GET refunds':
      return refunds.has(searchParams.get('key')) ? [200, refunds.get(searchParams.get('key'))] : [404, {}];
    case 'DELETE refunds':
      return byId() ? [200, Object.assign(byId(), { state: 'cancelled' })] : [404, {}];
    case 'POST refunds': {
      const key = request.headers['idempotency-key'];
      if (!refunds.has(key)) {
        refunds.set(key, { id: `r${refunds.size + 1}`, ...JSON.parse(body), state: 'paid' });
        console.log('refunded', refunds.get(key));
      }
      return [201, refunds.get(key)];
    }
    case 'POST tokens':
      revoked.add(id);
      return [200, {}];
    default:
      return [404, {}];
  }
}

createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  const [status, value] = await admit(request, body).then(
    () => answer(request, body),
    (error) => [401, { error: error.message }],
  );
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}).listen(4100, '127.0.0.1', () => console.log('the shop is open on http://127.0.0.1:4100'));
