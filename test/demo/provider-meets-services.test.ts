import { type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK } from 'jose';
import { readCatalogue } from '../../bundle/documents/read-catalogue';
import { readDirectory } from '../../bundle/files/read-directory';
import { packageRoot } from '../../config/paths';
import { type DemoServices, startDemoServices } from '../../demo/services/start-demo-services';
import { type Catalogue, type HttpTarget } from '../../domain/documents';
import { type JsonObject } from '../../domain/json';
import { type ProviderCall } from '../../domain/provider';
import { createHttpFactReader, type HttpFactReader } from '../../providers/http/create-http-fact-reader';
import { createHttpProvider, type HttpProvider } from '../../providers/http/create-http-provider';
import { keyId } from '../../providers/http/key-id';
import { newKey } from '../providers/http/keys';

/** The real provider against the real services, as the demo's own documents describe them. */
const directory = mkdtempSync(join(tmpdir(), 'countersign-demo-test-'));
const effectsKey = newKey();
const factsKey = newKey();
let keySet: Server;
let services: DemoServices;
let provider: HttpProvider;
let facts: HttpFactReader;
let catalogue: Catalogue;

beforeAll(async () => {
  const jwk = async (key: KeyObject, purpose: 'effects' | 'facts'): Promise<object> => ({
    ...(await exportJWK(key)),
    kid: keyId(purpose, key),
    alg: 'EdDSA',
  });
  const keys = [await jwk(effectsKey.publicKey, 'effects'), await jwk(factsKey.publicKey, 'facts')];
  keySet = createServer((_, response) => void response.end(JSON.stringify({ keys })));
  await new Promise<void>((resolve) => keySet.listen(0, '127.0.0.1', resolve));
  services = await startDemoServices(directory);
  services.trust(`http://127.0.0.1:${(keySet.address() as AddressInfo).port}/`);

  const read = await readDirectory(join(packageRoot(), 'demo', 'policies'));
  catalogue = readCatalogue(read.directory.documents, read.directory.data).catalogue;
  const common = {
    clock: Date.now,
    allowPrivate: true,
    addresses: { erp: services.erp.url, payments: services.payments.url },
  };
  provider = createHttpProvider({ ...common, privateKeyPem: effectsKey.privateKeyPem });
  facts = createHttpFactReader({ ...common, privateKeyPem: factsKey.privateKeyPem });
});

afterAll(async () => {
  provider.close();
  facts.close();
  await services.stop();
  keySet.close();
  keySet.closeAllConnections();
  rmSync(directory, { recursive: true });
});

function targetOf(id: string): HttpTarget {
  const target = catalogue.targets[id];
  if (target?.provider !== 'http') throw new Error(`no target ${id}`);
  return target;
}

function call(
  target: string,
  operation: string,
  invoiceId: string,
  step: string,
  steps: Record<string, JsonObject> = {},
): ProviderCall<HttpTarget> {
  return {
    tenant: 'demo',
    agentId: 'invoice-agent',
    actionId: `act-${invoiceId}`,
    digest: 'sha256:aa',
    target: targetOf(target),
    operation,
    values: {
      params: { invoiceId, vendorId: 'globex', amountMinor: 1_000, currency: 'EUR' },
      facts: { vendor: { iban: 'DE89370400440532013000' } },
      steps,
      key: `demo/act-${invoiceId}/${step}`,
    },
    grantId: `act-${invoiceId}.${step}.${operation}`,
    withinMs: 2_000,
  };
}

test('every operation of the documents is one of the services', async () => {
  expect(
    await facts.read({ tenant: 'demo', target: targetOf('erp'), operation: 'vendorById', args: { id: 'globex' } }),
  ).toMatchObject({
    kind: 'found',
    fact: { status: 'active', verified: true },
  });
  expect(
    await facts.read({ tenant: 'demo', target: targetOf('erp'), operation: 'vendorById', args: { id: 'nobody' } }),
  ).toEqual({ kind: 'missing' });
  expect(
    await facts.read({
      tenant: 'demo',
      target: targetOf('erp'),
      operation: 'paymentForInvoice',
      args: { invoiceId: 'INV-1' },
    }),
  ).toEqual({ kind: 'found', fact: { invoiceId: 'INV-1', paid: false } });

  const booked = await provider.execute(call('erp', 'insertBooking', 'INV-1', 'book/do'));
  expect(booked).toMatchObject({ kind: 'done', result: { amountMinor: 1_000, currency: 'EUR' } });
  expect(await provider.status(call('erp', 'bookingByKey', 'INV-1', 'book/do'))).toMatchObject({ kind: 'found' });
  const paid = await provider.execute(call('payments', 'createPayment', 'INV-1', 'pay/do'));
  expect(paid).toMatchObject({ kind: 'done', result: { iban: 'DE89370400440532013000', state: 'paid' } });
  expect(await provider.status(call('payments', 'paymentByKey', 'INV-1', 'pay/do'))).toMatchObject({ kind: 'found' });
  expect(await provider.status(call('payments', 'paymentByKey', 'INV-1', 'other'))).toEqual({ kind: 'absent' });

  const results = (booked.kind === 'done' && paid.kind === 'done' && { book: booked.result, pay: paid.result }) || {};
  for (let i = 0; i < 2; i += 1) {
    expect(await provider.undo(call('payments', 'refund', 'INV-1', 'pay/undo', results))).toMatchObject({
      kind: 'done',
    });
    expect(await provider.undo(call('erp', 'deleteBooking', 'INV-1', 'book/undo', results))).toMatchObject({
      kind: 'done',
    });
  }
});

test('a revoked credential is refused by the service that was told', async () => {
  const payment = call('payments', 'createPayment', 'INV-2', 'pay/do');
  expect(await provider.revoke({ grantId: payment.grantId, target: payment.target, expired: false })).toEqual({
    kind: 'revoked',
  });
  expect(await provider.execute(payment)).toEqual({ kind: 'failed', code: 'target_refused_401' });
});

test('X62 a lost reply is unknown, found by key, and not paid again', async () => {
  const payment = call('payments', 'createPayment', 'INV-3', 'pay/do');
  void services.payments.faults.failNext({ operation: 'createPayment', invoiceId: 'INV-3', how: 'drop-reply' });
  expect(await provider.execute(payment)).toEqual({ kind: 'unknown', code: 'target_connection_lost' });
  expect(await provider.status(call('payments', 'paymentByKey', 'INV-3', 'pay/do'))).toMatchObject({ kind: 'found' });
  expect(await provider.execute(payment)).toMatchObject({ kind: 'done' });
  const payments = services.payments.book
    .records()
    .filter(({ invoiceId, kind }) => invoiceId === 'INV-3' && kind === 'effect');
  expect(payments).toHaveLength(1);
});

test('the reading key cannot change anything, whatever a document calls a fact', async () => {
  const target = targetOf('erp');
  const insertBooking = target.operations['insertBooking'];
  if (insertBooking === undefined) throw new Error('no such operation');
  const renamed = { ...target, operations: { peek: { ...insertBooking, method: 'GET' as const, body: {} } } };
  expect(await facts.read({ tenant: 'demo', target: renamed, operation: 'peek', args: {} })).toMatchObject({
    kind: 'unanswered',
  });
});
