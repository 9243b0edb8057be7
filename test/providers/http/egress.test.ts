import { type LookupAddress } from 'node:dns';
import { createHttpFactReader } from '../../../providers/http/create-http-fact-reader';
import { createHttpProvider } from '../../../providers/http/create-http-provider';
import { isAddressAllowed } from '../../../providers/address-rules';
import { callOf } from './call-of';
import { newKey } from './keys';
import { startScriptedTarget, targetAt } from './scripted-target';

const { privateKeyPem } = newKey();
const FORBIDDEN = { kind: 'failed', code: 'target_address_forbidden' };

describe('X60 addresses', () => {
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.0.1',
    '192.0.0.192',
    '100.100.100.200',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::169.254.169.254',
    'fe80::1',
    'febf::1',
    'fec0::1',
    'ff02::1',
    'fd00:ec2::254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::',
    '2001:0:1::1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::ffff:0.0.0.0',
    '::ffff:224.0.0.1',
    'localhost',
    '',
    '1.2.3',
    'fe80::1%lo',
  ])('%j is never allowed', (address) => {
    expect(isAddressAllowed(address, { allowPrivate: true })).toBe(false);
    expect(isAddressAllowed(address, { allowPrivate: false })).toBe(false);
  });

  test.each([
    '127.0.0.1',
    '127.255.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '198.18.0.1',
    '::1',
    'fc00::1',
    'fd12::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
  ])('%j is allowed only beside us', (address) => {
    expect(isAddressAllowed(address, { allowPrivate: true })).toBe(true);
    expect(isAddressAllowed(address, { allowPrivate: false })).toBe(false);
  });

  test.each(['93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:93.184.216.34'])(
    '%j is allowed',
    (address) => {
      expect(isAddressAllowed(address, { allowPrivate: false })).toBe(true);
    },
  );
});

describe('X60 addresses of targets', () => {
  test.each([
    'http://169.254.169.254/latest',
    'http://[::ffff:169.254.169.254]/',
    'http://[::]/',
    'http://0/',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://169.254.43518/',
    'http://[fe80::1]/',
    'file:///etc/passwd',
    'gopher://bank.test/',
    'ftp://bank.test/',
    'data:application/json,{}',
    'unix:/var/run/docker.sock',
    'http://user:secret@bank.test/',
    'http://user@bank.test/',
    'http://:secret@bank.test/',
    'http://bank.test/?a=b',
    'http://bank.test/#a',
    'bank.test',
    '',
    '//bank.test/',
  ])('%j is refused everywhere', async (address) => {
    const provider = createHttpProvider({ privateKeyPem, clock: Date.now, allowPrivate: true });
    expect(await provider.execute(callOf(targetAt(address)))).toEqual(FORBIDDEN);
    provider.close();
  });

  test.each([
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://017700000001/',
    'https://127.1/',
    'https://[::1]/',
    'https://[::ffff:7f00:1]/',
    'https://10.0.0.1/',
    'http://127.0.0.1/',
    'http://10.0.0.1/',
    'http://192.0.2.1/',
    'HTTP://[2001:db8::1]/',
  ])('%j is refused in production', async (address) => {
    const provider = createHttpProvider({ privateKeyPem, clock: Date.now, allowPrivate: false });
    expect(await provider.execute(callOf(targetAt(address)))).toEqual(FORBIDDEN);
    provider.close();
  });

  test('the address of the deployment counts, not that of the document', async () => {
    const provider = createHttpProvider({
      privateKeyPem,
      clock: Date.now,
      allowPrivate: true,
      addresses: { bank: 'http://169.254.169.254/' },
    });
    expect(await provider.execute(callOf(targetAt('http://127.0.0.1:1/')))).toEqual(FORBIDDEN);
    provider.close();
  });
});

describe('X60 names', () => {
  const v4 = (address: string): LookupAddress => ({ address, family: 4 });

  test.each([
    ['metadata', [v4('169.254.169.254')]],
    ['a good address and a bad one', [v4('93.184.216.34'), v4('169.254.169.254')]],
    ['loopback', [v4('127.0.0.1')]],
    ['mapped loopback', [{ address: '::ffff:127.0.0.1', family: 6 }]],
    ['nothing', []],
  ])('one that leads to %s is refused', async (_, addresses) => {
    const provider = createHttpProvider({
      privateKeyPem,
      clock: Date.now,
      allowPrivate: false,
      resolve: () => Promise.resolve(addresses),
    });
    expect(await provider.execute(callOf(targetAt('https://bank.test/')))).toEqual(FORBIDDEN);
    provider.close();
  });

  test('one that a document leads to without TLS is not even looked up in production', async () => {
    const asked: string[] = [];
    const resolve = (name: string): Promise<readonly LookupAddress[]> => {
      asked.push(name);
      return Promise.resolve([v4('127.0.0.1')]);
    };
    const over = { privateKeyPem, clock: Date.now, allowPrivate: false, resolve };
    const provider = createHttpProvider(over);
    const facts = createHttpFactReader(over);
    const target = targetAt('http://bank.test/');
    expect(await provider.execute(callOf(target))).toEqual(FORBIDDEN);
    expect(await facts.read({ tenant: 'demo', target, operation: 'byKey', args: { key: 'k' } })).toEqual({
      kind: 'unanswered',
      code: 'target_address_forbidden',
    });
    expect(asked).toEqual([]);
    const withTls = targetAt('https://bank.test/');
    expect(await provider.execute(callOf(withTls))).toEqual(FORBIDDEN);
    expect(asked).toEqual(['bank.test']);
    provider.close();
    facts.close();
  });

  test('one is resolved once per connection, and what was judged is what is connected to', async () => {
    const bank = await startScriptedTarget(
      (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"p-1"}'),
    );
    let asked = 0;
    // Rebinding: the second answer would be another machine.
    const resolve = (): Promise<readonly LookupAddress[]> =>
      Promise.resolve([v4(++asked === 1 ? '127.0.0.1' : '169.254.169.254')]);
    const provider = createHttpProvider({ privateKeyPem, clock: Date.now, allowPrivate: true, resolve });
    const call = callOf(targetAt(bank.target.address.replace('127.0.0.1', 'bank.test')));
    expect(await provider.execute(call)).toEqual({ kind: 'done', result: { id: 'p-1' } });
    expect(asked).toBe(1);
    expect(bank.seen[0]?.headers.host).toMatch(/^bank\.test:/);
    bank.sockets.forEach((socket) => socket.destroy());
    await new Promise((done) => setTimeout(done, 20));
    expect(await provider.execute(call)).toEqual(FORBIDDEN);
    provider.close();
    await bank.stop();
  });

  test('inside is reached in production where the deployment itself says that a target is there, and that target alone', async () => {
    const bank = await startScriptedTarget(
      (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"p-1"}'),
    );
    const inside = bank.target.address;
    const at = async (address: string, addresses: Readonly<Record<string, string>>): Promise<unknown> => {
      const resolve = (): Promise<readonly LookupAddress[]> => Promise.resolve([v4('127.0.0.1')]);
      const provider = createHttpProvider({ privateKeyPem, clock: Date.now, allowPrivate: false, addresses, resolve });
      const outcome = await provider.execute(callOf(targetAt(address)));
      provider.close();
      return outcome;
    };
    const done = { kind: 'done', result: { id: 'p-1' } };
    expect(await at('https://bank.example.org', { bank: inside })).toEqual(done);
    expect(await at('https://bank.example.org', { bank: inside.replace('127.0.0.1', 'bank.test') })).toEqual(done);
    for (const address of [inside, inside.replace('127.0.0.1', 'bank.test')])
      for (const written of [address, address.replace('http:', 'https:')])
        expect(await at(written, { shop: inside })).toEqual(FORBIDDEN);
    expect(bank.seen).toHaveLength(2);
    await bank.stop();
  });

  test('a redirect is not followed', async () => {
    const inside = await startScriptedTarget((_, response) => void response.end('secret'));
    const bank = await startScriptedTarget(
      (_, response) => void response.writeHead(307, { location: inside.target.address }).end(),
    );
    const provider = createHttpProvider({ privateKeyPem, clock: Date.now, allowPrivate: true });
    expect(await provider.execute(callOf(bank.target))).toEqual({ kind: 'unknown', code: 'target_redirected' });
    expect(inside.seen).toEqual([]);
    provider.close();
    await bank.stop();
    await inside.stop();
  });
});
