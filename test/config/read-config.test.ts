import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from '../../config/config-error';
import { packageRoot } from '../../config/paths';
import { GENERATED_KEYS_MARKER } from '../../config/production-problems';
import { readConfig } from '../../config/read-config';
import { secretOf } from '../../config/secret-of';

function problemsOf(env: Record<string, string>): { variables: string[]; message: string } {
  try {
    readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { variables: error.problems.map(({ variable }) => variable), message: error.message };
  }
  return { variables: [], message: '' };
}

describe('in development', () => {
  test('an empty environment is enough', () => {
    expect(readConfig({ PATH: '/bin:/usr/bin' })).toMatchObject({
      mode: 'development',
      home: resolve('.countersign'),
      port: 8420,
      admin: { port: 8421 },
      policies: join(packageRoot(), 'demo', 'policies'),
      keys: resolve('.countersign', 'keys'),
      database: {},
      temporal: { namespace: 'countersign' },
      targets: {},
      tools: { searchPath: ['/bin', '/usr/bin'] },
    });
  });

  test('an empty variable counts as absent', () => {
    expect(readConfig({ COUNTERSIGN_PORT: '', DATABASE_URL: '' })).toMatchObject({ port: 8420, database: {} });
  });

  test('everything that is said is understood', () => {
    const config = readConfig({
      COUNTERSIGN_HOME: '/srv/home',
      COUNTERSIGN_PORT: '0',
      COUNTERSIGN_PUBLIC_URL: 'https://countersign.example.org/',
      COUNTERSIGN_TARGET_BANK_EU: 'http://127.0.0.1:9000/',
      DATABASE_URL_WORKER: 'postgres://countersign_worker:pw@db:5432/countersign',
      TEMPORAL_ADDRESS: 'temporal:7233',
      TEMPORAL_NAMESPACE: 'mine',
    });
    expect(config).toMatchObject({
      home: '/srv/home',
      keys: '/srv/home/keys',
      port: 0,
      publicUrl: 'https://countersign.example.org',
      targets: { 'bank-eu': 'http://127.0.0.1:9000' },
      database: { worker: 'postgres://countersign_worker:pw@db:5432/countersign' },
      temporal: { address: 'temporal:7233', namespace: 'mine' },
    });
  });

  test.each([
    [undefined, 'https://proxy.golang.org'],
    ['https://modules.example/,https://other.example,direct', 'https://modules.example'],
    ['direct|http://localhost:3000', 'http://localhost:3000'],
    ['direct', undefined],
    ['off', undefined],
  ])('Go is fetched from where Go itself would: %s', (GOPROXY, expected) => {
    expect(readConfig({ GOPROXY }).tools.moduleProxy).toBe(expected);
  });

  test('the result is frozen, all the way down', () => {
    const config = readConfig({ COUNTERSIGN_TARGET_BANK: 'http://127.0.0.1:1' });
    expect(() => Object.assign(config, { mode: 'production' })).toThrow(TypeError);
    expect(() => Object.assign(config.targets, { bank: 'http://evil.example' })).toThrow(TypeError);
  });

  test('a target may be a database, and secrets are known by the names that documents give them', () => {
    const config = readConfig({
      COUNTERSIGN_TARGET_BOOKS: 'postgres://db.internal:5432/books?sslmode=disable',
      COUNTERSIGN_SECRET_BOOKS_MINTER: 's3cret',
    });
    expect(config.targets).toEqual({ books: 'postgres://db.internal:5432/books?sslmode=disable' });
    expect(secretOf(config, 'books-minter')).toBe('s3cret');
    expect(secretOf(config, 'other')).toBeUndefined();
    expect(problemsOf({ COUNTERSIGN_TARGET_BOOKS: 'postgres://user:CANARY@db/books' })).toMatchObject({
      variables: ['COUNTERSIGN_TARGET_BOOKS'],
      message: expect.not.stringContaining('CANARY') as string,
    });
    expect(problemsOf({ COUNTERSIGN_TARGET_BOOKS: 'postgres://db/books?options=-crole' }).variables).toHaveLength(1);
  });

  test('a secret may be a file beside the keys, and no name leads out of there', () => {
    const keys = mkdtempSync(join(tmpdir(), 'countersign-secrets-'));
    mkdirSync(join(keys, 'secrets'));
    writeFileSync(join(keys, 'secrets', 'books-minter'), 'from a file\n');
    writeFileSync(join(keys, 'bundle.key.pem'), 'no secret of a target');
    const config = readConfig({ COUNTERSIGN_KEYS: keys });
    expect(secretOf(config, 'books-minter')).toBe('from a file');
    for (const name of ['../bundle.key.pem', '..', '', 'a/b', 'constructor', '__proto__'])
      expect(secretOf(config, name)).toBeUndefined();
    rmSync(keys, { recursive: true });
  });

  test('all problems are told at once, each with its remedy', () => {
    const { variables, message } = problemsOf({
      COUNTERSIGN_MODE: 'staging',
      COUNTERSIGN_PORT: '99999',
      COUNTERSIGN_PUBLIC_URL: 'countersign.example.org',
      COUNTERSIGN_TARGET_BANK: 'ftp://bank',
      DATABASE_URL: 'mysql://root@db/x',
      TEMPORAL_TLS_CLIENT_CERT_PATH: '/nonexistent/cert.pem',
      TEMPORAL_TLS_CLIENT_CERT_DATA: 'and data too',
    });
    expect(variables).toEqual(
      expect.arrayContaining([
        'COUNTERSIGN_MODE',
        'COUNTERSIGN_PORT',
        'COUNTERSIGN_PUBLIC_URL',
        'COUNTERSIGN_TARGET_BANK',
        'DATABASE_URL',
        'TEMPORAL_*',
      ]),
    );
    expect(message).toMatch(/^6 settings cannot be used:\n/);
    expect(message).toContain('COUNTERSIGN_PORT is not a port. Write a whole number from 0 (any free port) to 65535.');
  });

  test('no value is ever echoed', () => {
    const { variables, message } = problemsOf({
      COUNTERSIGN_TOKEN: 'CANARY one',
      COUNTERSIGN_PUBLIC_URL: 'https://user:CANARY@example.org',
      DATABASE_URL: 'postgres://u:CANARY@[broken/db',
      DATABASE_URL_GATEWAY: 'CANARY',
      TEMPORAL_TLS_CLIENT_KEY_DATA: 'CANARY',
      TEMPORAL_TLS_CLIENT_KEY_PATH: '/CANARY',
    });
    expect(variables.length).toBeGreaterThanOrEqual(4);
    expect(message).not.toContain('CANARY');
  });
});

describe('in production', () => {
  let keys: string;

  beforeAll(() => {
    keys = mkdtempSync(join(tmpdir(), 'countersign-keys-'));
  });
  afterAll(() => {
    rmSync(keys, { recursive: true });
  });

  const good = (): Record<string, string> => ({
    COUNTERSIGN_MODE: 'production',
    COUNTERSIGN_POLICIES: '/srv/policies',
    COUNTERSIGN_KEYS: keys,
    COUNTERSIGN_PUBLIC_URL: 'https://countersign.example.org',
    DATABASE_URL_GATEWAY: 'postgres://countersign_gateway:pw@db:5432/countersign',
    TEMPORAL_ADDRESS: 'temporal.example.org:7233',
    TEMPORAL_TLS: 'true',
  });

  test('a setting without shortcuts is accepted', () => {
    expect(problemsOf(good())).toEqual({ variables: [], message: '' });
  });

  test('X84 all that is missing is told at once', () => {
    expect(problemsOf({ COUNTERSIGN_MODE: 'production' }).variables).toEqual([
      'DATABASE_URL_*',
      'COUNTERSIGN_POLICIES',
      'COUNTERSIGN_PUBLIC_URL',
      'TEMPORAL_ADDRESS',
    ]);
  });

  test.each([
    ['COUNTERSIGN_PUBLIC_URL', { COUNTERSIGN_PUBLIC_URL: 'http://countersign.example.org' }],
    ['COUNTERSIGN_POLICIES', { COUNTERSIGN_POLICIES: join(packageRoot(), 'demo/policies') }],
    ['DATABASE_URL_WORKER', { DATABASE_URL_WORKER: 'postgres://postgres:pw@db:5432/countersign' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://postgres:pw@db:5432/countersign' }],
    ['TEMPORAL_TLS', { TEMPORAL_TLS: 'false' }],
  ])('X84 refused: %s', (variable, change) => {
    expect(problemsOf({ ...good(), ...change }).variables).toEqual([variable]);
  });

  test('Temporal on this machine needs no TLS', () => {
    expect(problemsOf({ ...good(), TEMPORAL_ADDRESS: '127.0.0.1:7233', TEMPORAL_TLS: '' }).variables).toEqual([]);
  });

  test('X84 generated keys are refused', () => {
    writeFileSync(join(keys, GENERATED_KEYS_MARKER), '');
    expect(problemsOf(good()).variables).toEqual(['COUNTERSIGN_KEYS']);
  });

  test('X84 what is malformed does not hide what is forbidden', () => {
    const { variables } = problemsOf({
      ...good(),
      COUNTERSIGN_PORT: 'x',
      COUNTERSIGN_PUBLIC_URL: 'x',
    });
    expect(variables).toEqual(expect.arrayContaining(['COUNTERSIGN_PORT', 'COUNTERSIGN_PUBLIC_URL']));
    expect(variables.filter((variable) => variable === 'COUNTERSIGN_PUBLIC_URL')).toHaveLength(1);
  });
});

describe('a worker of the role workflows', () => {
  test('is the whole worker unless something else is said', () => {
    expect(readConfig({}).workerRole).toBe('both');
    expect(problemsOf({ COUNTERSIGN_WORKER_ROLE: 'boss' }).variables).toEqual(['COUNTERSIGN_WORKER_ROLE']);
  });

  test('refuses secrets and keys that open targets, naming all of them and no value', () => {
    const keys = mkdtempSync(join(tmpdir(), 'keys-'));
    writeFileSync(join(keys, 'effects.key.pem'), 'a key');
    mkdirSync(join(keys, 'secrets'));
    const env = { COUNTERSIGN_KEYS: keys, COUNTERSIGN_SECRET_BOOKS_MINTER: 's3cret' };
    const { variables, message } = problemsOf({ ...env, COUNTERSIGN_WORKER_ROLE: 'workflows' });
    expect(variables).toEqual(['COUNTERSIGN_SECRET_BOOKS_MINTER', 'COUNTERSIGN_KEYS']);
    expect(message).toContain('effects.key.pem, secrets');
    expect(message).not.toContain('s3cret');
    for (const role of ['effects', 'both'])
      expect(problemsOf({ ...env, COUNTERSIGN_WORKER_ROLE: role }).variables).toEqual([]);
    rmSync(keys, { recursive: true });
  });
});
