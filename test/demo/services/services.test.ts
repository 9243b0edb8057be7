import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoServices, startDemoServices } from '../../../demo/services/start-demo-services';
import { type Lies, type Request, signedCall, startKeySet, tokenFor } from './signed-call';

let directory: string;
let keySet: Awaited<ReturnType<typeof startKeySet>>;
let services: DemoServices;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-services-'));
  keySet = await startKeySet();
  services = await startDemoServices(directory);
  services.trust(keySet.url);
});

afterEach(async () => {
  await services.stop();
  await keySet.stop();
  rmSync(directory, { recursive: true });
});

const booking = (changes: object = {}, key = 'k-1'): Request => ({
  method: 'POST',
  url: '/bookings',
  operation: 'insertBooking',
  body: { invoiceId: 'INV-1', vendorId: 'globex', amountMinor: 100, currency: 'EUR', ...changes },
  key,
});
const payment = (changes: object = {}, key = 'k-1'): Request => ({
  method: 'POST',
  url: '/payments',
  operation: 'createPayment',
  body: {
    invoiceId: 'INV-1',
    vendorId: 'globex',
    iban: 'DE89370400440532013000',
    amountMinor: 100,
    currency: 'EUR',
    ...changes,
  },
  key,
});
const effects = (): number =>
  [services.erp, services.payments].flatMap(({ book }) => book.records()).filter(({ kind }) => kind === 'effect')
    .length;

describe('the door', () => {
  const other = { ...payment(), body: { amountMinor: 999_999 } };
  const table: readonly [string, Lies, number, string][] = [
    ['signed by a stranger', { signer: 'stranger', kid: 'effects-1' }, 401, 'token_invalid'],
    ['signed under an unknown key', { signer: 'stranger', kid: 'effects-9' }, 401, 'token_invalid'],
    ['for another audience', { claims: { aud: 'erp' } }, 401, 'token_invalid'],
    ['from another issuer', { claims: { iss: 'someone' } }, 401, 'token_invalid'],
    ['of another type', { typ: 'JWT' }, 401, 'token_invalid'],
    ['expired', { expiresIn: -1 }, 401, 'token_expired'],
    ['not valid yet', { claims: { nbf: Math.floor(Date.now() / 1_000) + 60 } }, 401, 'token_invalid'],
    ['without an id', { claims: { jti: undefined } }, 401, 'token_invalid'],
    ['for another operation', { claims: { op: 'refund' } }, 401, 'token_for_other_operation'],
    ['for another method', { claims: { htm: 'GET' } }, 401, 'token_for_other_request'],
    ['for another path', { claims: { htu: '/payments?x=1' } }, 401, 'token_for_other_request'],
    ['made for reading', { signer: 'facts' }, 403, 'token_only_reads'],
    [
      'of the reading key that claims to change',
      { signer: 'facts', claims: { iss: 'countersign/effects' } },
      401,
      'token_of_other_key',
    ],
  ];
  test.each(table)('X45 refuses a token %s', async (_, lies, status, title) => {
    expect(await signedCall(services.payments, payment(), lies)).toMatchObject({ status, body: { title } });
    expect(effects()).toBe(0);
  });

  test('refuses a body that the token was not made for', async () => {
    const token = await tokenFor('payments', other);
    expect(await signedCall(services.payments, payment(), { token })).toMatchObject({
      status: 401,
      body: { title: 'token_for_other_body' },
    });
  });

  test('refuses everything without a token, and before anybody is trusted', async () => {
    expect((await fetch(`${services.payments.url}/payments`, { method: 'POST', body: '{}' })).status).toBe(401);
    const untrusting = await startDemoServices(join(directory, 'second'));
    expect((await signedCall(untrusting.payments, payment())).status).toBe(503);
    await untrusting.stop();
  });

  test('lets the reading key read', async () => {
    const request = { method: 'GET', url: '/vendors/globex', operation: 'vendorById' };
    expect(await signedCall(services.erp, request, { signer: 'facts' })).toMatchObject({
      status: 200,
      body: { name: 'Globex Corporation', verified: true },
    });
  });

  test('a revoked token is refused, also one revoked before it was seen, and revoking is repeatable', async () => {
    const token = await tokenFor('payments', payment(), { claims: { jti: 'grant-1' } });
    const revoke = { method: 'POST', url: '/tokens/grant-1/revoke', operation: 'revokeToken' };
    for (let i = 0; i < 2; i += 1)
      expect((await signedCall(services.payments, revoke, { claims: { act: undefined } })).status).toBe(204);
    expect(await signedCall(services.payments, payment(), { token })).toMatchObject({
      status: 401,
      body: { title: 'token_revoked' },
    });
    expect(await services.payments.gate.accepts(token)).toBe(false);
  });

  test('a token that was used is live until it is revoked', async () => {
    const token = await tokenFor('payments', payment(), { claims: { jti: 'grant-1' } });
    await signedCall(services.payments, payment(), { token });
    expect(await services.payments.gate.liveTokens()).toEqual(['grant-1']);
    services.payments.gate.revoke('grant-1');
    expect(await services.payments.gate.liveTokens()).toEqual([]);
  });

  test('a stolen token buys no second payment under another key', async () => {
    const token = await tokenFor('payments', payment());
    expect((await signedCall(services.payments, payment(), { token })).status).toBe(201);
    expect(await signedCall(services.payments, payment({}, 'k-2'), { token })).toMatchObject({
      status: 401,
      body: { title: 'token_spent' },
    });
    expect(effects()).toBe(1);
  });
});

describe('idempotency', () => {
  test('the same key again gets the first answer and changes nothing', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => signedCall(services.payments, payment())));
    expect(new Set(answers.map(({ status, body }) => `${status} ${String(body['id'])}`)).size).toBe(1);
    expect(effects()).toBe(1);
    expect(services.payments.book.records().filter(({ kind }) => kind === 'repeated')).toHaveLength(19);
  });

  test('the same key with another body is refused', async () => {
    await signedCall(services.payments, payment());
    expect((await signedCall(services.payments, payment({ amountMinor: 101 }))).status).toBe(409);
    expect(effects()).toBe(1);
  });

  test('a change without a key is refused', async () => {
    const { key: _, ...keyless } = payment();
    expect(await signedCall(services.payments, keyless)).toMatchObject({ status: 400, body: { title: 'key_missing' } });
  });

  test('what was done is found by its key, what was not is not', async () => {
    const byKey = (key: string): Request => ({ method: 'GET', url: `/payments?key=${key}`, operation: 'paymentByKey' });
    const { body } = await signedCall(services.payments, payment());
    expect(await signedCall(services.payments, byKey('k-1'))).toEqual({ status: 200, body });
    expect((await signedCall(services.payments, byKey('k-2'))).status).toBe(404);
  });
});

describe('books and money', () => {
  test('an invoice is booked once, and again only after the booking was deleted', async () => {
    const paid = { method: 'GET', url: '/invoices/INV-1/payment', operation: 'paymentForInvoice' };
    expect((await signedCall(services.erp, paid, { signer: 'facts' })).body).toEqual({
      invoiceId: 'INV-1',
      paid: false,
    });
    const { status, body } = await signedCall(services.erp, booking());
    expect(status).toBe(201);
    expect((await signedCall(services.erp, booking({}, 'k-2'))).status).toBe(409);
    expect((await signedCall(services.erp, paid, { signer: 'facts' })).body).toEqual({
      invoiceId: 'INV-1',
      paid: true,
    });
    const remove = { method: 'DELETE', url: `/bookings/${String(body['id'])}`, operation: 'deleteBooking', key: 'k-1' };
    for (let i = 0; i < 2; i += 1) expect((await signedCall(services.erp, remove)).status).toBe(200);
    expect((await signedCall(services.erp, paid, { signer: 'facts' })).body).toEqual({
      invoiceId: 'INV-1',
      paid: false,
    });
    expect((await signedCall(services.erp, booking({}, 'k-3'))).status).toBe(201);
  });

  test.each([
    { amountMinor: 0 },
    { amountMinor: -1 },
    { amountMinor: 1.5 },
    { amountMinor: '1' },
    { currency: 'GBP' },
    { vendorId: 'nobody' },
    { extra: 1 },
  ])('a booking with %j is refused', async (changes) => {
    expect((await signedCall(services.erp, booking(changes))).status).toBe(422);
    expect(effects()).toBe(0);
  });

  test('a refund is whole, happens once, and is seen as money coming back', async () => {
    const { body } = await signedCall(services.payments, payment());
    const refund = (amountMinor: number, key: string): Request => ({
      method: 'POST',
      url: `/payments/${String(body['id'])}/refund`,
      operation: 'refund',
      body: { amountMinor, currency: 'EUR' },
      key,
    });
    expect((await signedCall(services.payments, refund(99, 'k-9'))).status).toBe(422);
    const first = await signedCall(services.payments, refund(100, 'k-1'));
    expect(await signedCall(services.payments, refund(100, 'k-2'))).toEqual(first);
    const net = services.payments.book
      .records()
      .reduce((sum, { kind, amountMinor = 0 }) => sum + (kind === 'effect' ? amountMinor : 0), 0);
    expect(net).toBe(0);
  });
});

describe('planned mishaps', () => {
  const plan = (how: 'refuse' | 'error-500' | 'drop-reply' | 'hang'): Promise<void> =>
    services.payments.faults.failNext({ operation: 'createPayment', invoiceId: 'INV-1', how });

  test.each([
    ['refuse', 422],
    ['error-500', 500],
  ] as const)('%s: nothing happened, and the next try succeeds', async (how, status) => {
    const happened = plan(how);
    expect((await signedCall(services.payments, payment({ invoiceId: 'INV-2' }, 'k-2'))).status).toBe(201);
    expect((await signedCall(services.payments, payment())).status).toBe(status);
    await happened;
    expect(effects()).toBe(1);
    expect((await signedCall(services.payments, payment())).status).toBe(201);
  });

  test('drop-reply: it happened, and nobody heard', async () => {
    const happened = plan('drop-reply');
    await expect(signedCall(services.payments, payment())).rejects.toThrow();
    await happened;
    expect(effects()).toBe(1);
    expect((await signedCall(services.payments, payment())).status).toBe(201);
    expect(effects()).toBe(1);
  });

  test('hang: it happened, and the caller waits in vain', async () => {
    const happened = plan('hang');
    const call = signedCall(services.payments, payment()).catch(() => 'cut off at the end of the test');
    await happened;
    expect(effects()).toBe(1);
    const late = new Promise((resolve) => setTimeout(resolve, 100, 'still waiting'));
    expect(await Promise.race([call, late])).toBe('still waiting');
  });
});

test('the book on disk is the book in memory, refusals included', async () => {
  await signedCall(services.payments, payment());
  await signedCall(services.payments, payment({ amountMinor: -1 }, 'k-2'));
  await fetch(`${services.payments.url}/elsewhere`);
  const lines = readFileSync(join(directory, 'payments.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(services.payments.book.records());
  expect(services.payments.book.records().map(({ kind, status }) => `${kind} ${status}`)).toEqual([
    'effect 201',
    'refused 422',
    'refused 404',
  ]);
  expect(services.payments.book.records()[0]).toMatchObject({
    key: 'k-1',
    tenant: 'demo',
    actionId: 'act-1',
    agentId: 'invoice-agent',
    amountMinor: 100,
    currency: 'EUR',
  });
});

test('a body that is too large, cut off or not JSON changes nothing', async () => {
  const huge = payment({ invoiceId: 'X'.repeat(20_000) });
  expect([413, 'cut']).toContain(
    await signedCall(services.payments, huge).then(
      ({ status }) => status,
      () => 'cut',
    ),
  );
  const address = new URL(services.payments.url);
  const socket = connect(Number(address.port), address.hostname, () => {
    socket.write('POST /payments HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"a":');
    setTimeout(() => socket.destroy(), 20);
  });
  await new Promise((resolve) => socket.once('close', resolve));
  expect((await signedCall(services.payments, payment())).status).toBe(201);
  expect(effects()).toBe(1);
});
