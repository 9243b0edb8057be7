import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { type Ran, runCountersign } from '../helpers/run-countersign';

const POLICIES = join(packageRoot(), 'policies', 'starter');

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'countersign-exit-'));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
  writeFileSync(join(home, 'good.pem'), privateKey.export(pkcs8));
  writeFileSync(join(home, 'good.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(home, 'ec.pem'), generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pkcs8));
  writeFileSync(join(home, 'words.txt'), 'neither a key nor JSON\n');
  // Answers as opa does when it is asked who it is, and nonsense to everything else: as a defect of ours would meet it.
  writeFileSync(
    join(home, 'opa'),
    '#!/bin/sh\nif [ "$1" = version ]; then printf "Version: 1.22.0\\nWebAssembly: available\\n"; else echo nonsense; fi\n',
  );
  chmodSync(join(home, 'opa'), 0o755);
});
afterAll(() => rmSync(home, { recursive: true }));

const countersign = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  runCountersign(
    args.map((arg) => arg.replace('HOME', home)),
    { NO_COLOR: '1', COUNTERSIGN_HOME: home, ...env },
  );

describe('what the caller typed, and can type otherwise, exits 2 with a sentence', () => {
  test.each([
    [['policy', 'check', 'HOME/nowhere'], 'cannot be read as a directory of policies'],
    [['policy', 'build', POLICIES, '--key', 'HOME/nowhere.pem'], 'Name a private key with --key'],
    [['policy', 'build', POLICIES, '--key', 'HOME/words.txt'], 'cannot be read as a private key'],
    [['policy', 'build', POLICIES, '--key', 'HOME/ec.pem'], 'is not an Ed25519 key'],
    [['policy', 'build', POLICIES, '--key', 'HOME/good.pem', '-o', 'HOME/no/where.json'], 'cannot be written'],
    [['ledger', 'verify', 'HOME/nowhere', '--public-key', 'HOME/good.pub.pem'], 'cannot be read'],
    [['ledger', 'verify', 'HOME/words.txt', '--public-key', 'HOME/good.pub.pem'], 'is not an export'],
    [['ledger', 'verify', '--proof', 'HOME/words.txt', '--public-key', 'HOME/good.pub.pem'], 'is not JSON'],
    [['receipt', 'verify', 'HOME/nowhere', '--public-key', 'HOME/good.pub.pem'], 'cannot be read'],
    [['actions', 'story', 'act-x', '--export', 'HOME/nowhere', '--public-key', 'HOME/good.pub.pem'], 'cannot be read'],
    [['agents', 'reviews', '--keep', '--reason', 'x'], 'Name the agent'],
    [['agents', 'reviews', 'bot', '--keep', '--end', '--reason', 'x'], 'not both'],
    [['agents', 'reviews', 'bot', '--keep'], 'Give a reason'],
  ])('%j', async (args, words) => {
    const ran = await countersign(args);
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(ran.err).toContain(words);
    expect(ran.err).not.toMatch(/^\s+at /m);
  });
});

test('a defect exits 70 with its stack, whichever command meets it', async () => {
  for (const verb of ['check', 'test']) {
    const ran = await countersign(['policy', verb, POLICIES], { COUNTERSIGN_OPA: join(home, 'opa') });
    expect([ran.code, ran.out]).toEqual([70, '']);
    expect(ran.err).toMatch(/^\s+at /m);
  }
});
