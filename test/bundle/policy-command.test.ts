import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { policyCommand } from '../../cli/commands/policy';
import { endWith } from '../../cli/end-with';
import { loadPdp } from '../../pdp/load-pdp';
import { decisionInput } from '../pdp/decision-input';
import { type Files, INFRA, keys, policyDirectory } from './policy-directory';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command as `countersign policy …` runs it, with what it wrote where. */
async function policy(...args: string[]): Promise<Run> {
  const out: string[] = [];
  const err: string[] = [];
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0),
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0),
  ];
  try {
    process.exitCode = 0;
    await policyCommand().exitOverride().parseAsync(args, { from: 'user' }).catch(endWith);
    return { code: Number(process.exitCode), out: out.join(''), err: err.join('') };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
}

async function withKeys(
  files: Files,
): Promise<{ readonly directory: string; readonly key: string; readonly output: string }> {
  const outside = await policyDirectory({ 'bundle.key.pem': keys.privateKeyPem });
  return {
    directory: await policyDirectory(files),
    key: join(outside, 'bundle.key.pem'),
    output: join(outside, 'bundle.json'),
  };
}

let home: string | undefined;

beforeAll(async () => {
  home = process.env['COUNTERSIGN_HOME'];
  process.env['COUNTERSIGN_HOME'] = await policyDirectory({});
});

afterAll(() => {
  if (home === undefined) delete process.env['COUNTERSIGN_HOME'];
  else process.env['COUNTERSIGN_HOME'] = home;
});

it("somebody else's domain goes from documents to decisions without a change of our code", async () => {
  const { directory, key, output } = await withKeys(INFRA);
  expect(await policy('check', directory)).toMatchObject({ code: 0, out: '' });

  const tested = await policy('test', directory);
  expect(tested.code).toBe(0);
  expect(tested.out).toMatch(/1 passed, 0 failed\nthe tests ran \d+/);
  expect(tested.out).toContain('packs/org/restarts.rego');

  const built = await policy('build', directory, '--key', key, '-o', output, '--bundle-version', '42');
  expect(built.code).toBe(0);
  expect(built.out).toMatch(/sha256:[0-9a-f]{64}\nversion 42\n$/);

  const pdp = await loadPdp(output, keys.publicKeyPem);
  expect(pdp.bundle.version).toBe(42);
  const ask = (params: Record<string, string | number>) =>
    pdp.decide(decisionInput({ type: 'infra.restart_service', roles: ['sre'], params }));
  expect(ask({ service: 'web', replicas: 3 }).effect).toBe('allow');
  expect(ask({ service: 'web', replicas: 30 })).toMatchObject({ effect: 'require_approval', chains: ['on-call'] });
  expect(ask({ service: 'billing', replicas: 3 }).effect).toBe('deny');
});

it('check names everything that is wrong, documents and Rego, with what to do', async () => {
  const { directory } = await withKeys({
    ...INFRA,
    'chains/on-call.yml': (INFRA['chains/on-call.yml'] ?? '').replace('10m', 'soon').replace('need: 2', 'need: 0'),
    'packs/team/finance/evil.rego': 'package packs.org.restarts\n\nx := crypto.md5("a")\n',
  });
  const { code, out } = await policy('check', directory);
  expect(code).toBe(1);
  expect(out.trim().split('\n')).toHaveLength(4);
  expect(out).toContain('chains/on-call.yml /decideWithin: is not a duration that is allowed here. Write 1s to 30d');
  expect(out).toContain('packs/team/finance/evil.rego package: declares packs.org.restarts');
  const json = await policy('check', directory, '--json');
  expect(JSON.parse(json.out)).toMatchObject({
    ok: false,
    problems: [{ remedy: expect.any(String) as string }, {}, {}, {}],
  });
});

it('check says what is not formatted', async () => {
  const { directory } = await withKeys({ ...INFRA, 'packs/org/more.rego': 'package packs.org.more\nx   := 1\n' });
  expect(await policy('check', directory)).toMatchObject({
    code: 1,
    out: expect.stringContaining('packs/org/more.rego: is not formatted.') as string,
  });
});

it('a failing test fails', async () => {
  const { directory } = await withKeys({
    ...INFRA,
    'packs/org/fails_test.rego': 'package packs.org.fails_test\n\ntest_no if input.x == 1\n',
  });
  const { code, out } = await policy('test', directory);
  expect(code).toBe(1);
  expect(out).toContain('FAILED packs.org.fails_test.test_no (packs/org/fails_test.rego:3)');
});

it('build makes nothing of a directory with problems, and says why', async () => {
  const { directory, key, output } = await withKeys({ ...INFRA, 'chains/on-call.yml': 'kind: ApprovalChain\n' });
  const { code, out } = await policy('build', directory, '--key', key, '-o', output, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ ok: false });
  await expect(loadPdp(output, keys.publicKeyPem)).rejects.toMatchObject({ refusal: 'unreadable' });
});

it('build without a key cannot do its work, and says what to do', async () => {
  const { directory, output } = await withKeys(INFRA);
  const { code, err } = await policy('build', directory, '-o', output);
  expect(code).toBe(2);
  expect(err).toContain('Name a private key with --key');
  await writeFile(join(directory, 'x.pem'), 'not a key');
  expect((await policy('build', directory, '--key', join(directory, 'nowhere.pem'), '-o', output)).code).toBe(2);
});
