import { createHash } from 'node:crypto';
import { jwtVerify, type JWTVerifyResult } from 'jose';
import { createHttpFactReader } from '../../../providers/http/create-http-fact-reader';
import { createHttpProvider } from '../../../providers/http/create-http-provider';
import { keyId } from '../../../providers/http/key-id';
import { callOf } from './call-of';
import { newKey } from './keys';
import { type ScriptedTarget, startScriptedTarget } from './scripted-target';

const NOW_MS = 1_790_000_000_300;
const NOW = 1_790_000_000;
const key = newKey();
const options = { privateKeyPem: key.privateKeyPem, clock: () => NOW_MS, allowPrivate: true };
const provider = createHttpProvider(options);
const facts = createHttpFactReader(options);
let bank: ScriptedTarget;
let reply: { status: number; body: string } = { status: 200, body: '{"id":"p-1"}' };

beforeAll(async () => {
  bank = await startScriptedTarget((_, response) => {
    response.writeHead(reply.status, reply.body === '' ? {} : { 'content-type': 'application/json' }).end(reply.body);
  });
});

beforeEach(() => {
  bank.seen.length = 0;
  reply = { status: 200, body: '{"id":"p-1"}' };
});

afterAll(async () => {
  provider.close();
  facts.close();
  await bank.stop();
});

async function tokenOf(index = 0): Promise<JWTVerifyResult> {
  const token = bank.seen[index]?.headers.authorization?.replace('Bearer ', '') ?? '';
  return jwtVerify(token, key.publicKey, {
    algorithms: ['EdDSA'],
    typ: 'countersign+jwt',
    audience: 'bank',
    currentDate: new Date(NOW_MS),
  });
}

test('an effect is sent with what the document and the action say', async () => {
  await provider.execute(callOf(bank.target));
  expect(bank.seen).toHaveLength(1);
  expect(bank.seen[0]).toMatchObject({
    method: 'POST',
    url: '/v1/accounts/a%20b%2F%C3%BC/payments',
    body: '{"amountMinor":1250,"iban":"DE89","kind":"transfer"}',
  });
  expect(bank.seen[0]?.headers).toMatchObject({
    'idempotency-key': 'demo:act-1:pay',
    'content-type': 'application/json',
  });
});

test('the token fits this one request and is dead after seconds', async () => {
  await provider.execute(callOf(bank.target));
  const { payload, protectedHeader } = await tokenOf();
  expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'countersign+jwt', kid: keyId('effects', key.publicKey) });
  expect(protectedHeader.kid).toMatch(/^effects-[0-9a-f]{8}$/);
  expect(payload).toEqual({
    iss: 'countersign/effects',
    aud: 'bank',
    sub: 'invoice-agent',
    jti: 'grant-1',
    tenant: 'demo',
    act: 'act-1',
    op: 'pay',
    dig: 'sha256:aa',
    htm: 'POST',
    htu: '/v1/accounts/a%20b%2F%C3%BC/payments',
    bdy: createHash('sha256')
      .update(bank.seen[0]?.body ?? '')
      .digest('hex'),
    iat: NOW,
    nbf: NOW - 1,
    exp: NOW + 3, // 2.3 s, rounded up
  });
});

test.each([
  [1e12, 3],
  [1_000, 2],
  [700, 1],
])('X53 with %p ms left the token lives %p s', async (withinMs, seconds) => {
  await provider.execute(callOf(bank.target, { withinMs }));
  expect((await tokenOf()).payload.exp).toBe(NOW + seconds);
});

test('an undo is an effect of its own, with the key of the step', async () => {
  expect(await provider.undo(callOf(bank.target, { operation: 'cancel' }))).toEqual({
    kind: 'done',
    result: { id: 'p-1' },
  });
  expect(bank.seen[0]).toMatchObject({ method: 'DELETE', url: '/v1/payments/p-1', body: '' });
  expect(bank.seen[0]?.headers['idempotency-key']).toBe('demo:act-1:pay');
  expect(bank.seen[0]?.headers['content-type']).toBeUndefined();
});

test.each([
  [200, '{"id":"p-1"}', { kind: 'found', result: { id: 'p-1' } }],
  [200, '"found"', { kind: 'unanswered', code: 'target_answer_not_json' }],
  [404, '{"title":"absent"}', { kind: 'absent' }],
  [404, '', { kind: 'absent' }],
  [404, '<h1>nginx</h1>', { kind: 'unanswered', code: 'target_refused_404' }],
  [401, '{}', { kind: 'unanswered', code: 'target_refused_401' }],
  [500, '{}', { kind: 'unanswered', code: 'target_error_500' }],
  [302, '', { kind: 'unanswered', code: 'target_redirected' }],
])('X62 asked by key, a target that answers %p %s', async (status, body, expected) => {
  reply = { status, body };
  expect(await provider.status(callOf(bank.target, { operation: 'byKey' }))).toEqual(expected);
  expect(bank.seen[0]).toMatchObject({ method: 'GET', url: '/v1/payments?key=demo%3Aact-1%3Apay' });
  expect(bank.seen[0]?.headers['idempotency-key']).toBeUndefined();
});

describe('revoking', () => {
  const revoke = (expired: boolean, target = bank.target): ReturnType<typeof provider.revoke> =>
    provider.revoke({ grantId: 'grant-1', target, expired });

  test.each([
    [204, '', false, { kind: 'revoked' }],
    [200, '{}', true, { kind: 'revoked' }],
    [202, '{}', false, { kind: 'live', code: 'target_accepted_only' }],
    [207, '{}', false, { kind: 'live', code: 'target_unclear_207' }],
    [404, '{}', false, { kind: 'live', code: 'target_refused_404' }],
    [404, '{}', true, { kind: 'expired' }],
    [503, '{}', false, { kind: 'live', code: 'target_error_503' }],
    [503, '{}', true, { kind: 'expired' }],
  ])('answered %p %s when expired is %p', async (status, body, expired, expected) => {
    reply = { status, body };
    expect(await revoke(expired)).toEqual(expected);
    expect(bank.seen[0]).toMatchObject({ method: 'POST', url: '/v1/tokens/grant-1/revoke' });
  });

  test('is asked for under a token of its own', async () => {
    await revoke(false);
    expect((await tokenOf()).payload).toMatchObject({ sub: 'countersign', op: 'forget' });
    expect((await tokenOf()).payload.jti).not.toBe('grant-1');
  });

  test('ends by expiry alone where the target cannot revoke', async () => {
    const target = { ...bank.target, token: { audience: 'bank' } };
    expect(await revoke(false, target)).toEqual({ kind: 'live', code: 'target_cannot_revoke' });
    expect(await revoke(true, target)).toEqual({ kind: 'expired' });
    expect(bank.seen).toEqual([]);
  });
});

describe('facts', () => {
  const read = (operation: string, args: Record<string, string> = { id: 'globex' }): ReturnType<typeof facts.read> =>
    facts.read({ tenant: 'demo', target: bank.target, operation, args });

  test('are read under a key of their own, with arguments by name', async () => {
    expect(await read('vendorById')).toEqual({ kind: 'found', fact: { id: 'p-1' } });
    expect(bank.seen[0]).toMatchObject({ method: 'GET', url: '/v1/vendors/globex' });
    const { payload, protectedHeader } = await tokenOf();
    expect(payload).toMatchObject({ iss: 'countersign/facts', op: 'vendorById', tenant: 'demo' });
    expect(protectedHeader.kid).toMatch(/^facts-/);
  });

  test('that the source does not know are missing', async () => {
    reply = { status: 404, body: '{}' };
    expect(await read('vendorById')).toEqual({ kind: 'missing' });
  });

  test('are not there while the source is broken', async () => {
    reply = { status: 500, body: '{}' };
    expect(await read('vendorById')).toEqual({ kind: 'unanswered', code: 'target_error_500' });
  });

  test('are never read by an operation that changes things', async () => {
    expect(await read('addVendor')).toEqual({ kind: 'unanswered', code: 'operation_changes_things' });
    expect(bank.seen).toEqual([]);
  });

  test.each(['..', '.', '', '\ud800'])('are not asked for by a name like %j', async (id) => {
    expect(await read('vendorById', { id })).toEqual({ kind: 'unanswered', code: 'operation_unfillable' });
    expect(bank.seen).toEqual([]);
  });
});

test('a key that is not Ed25519 is refused at once', () => {
  expect(() => createHttpProvider({ ...options, privateKeyPem: 'nonsense' })).toThrow();
});
