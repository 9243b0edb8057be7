import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { agentsCommand } from '../../cli/commands/agents';
import { type CountersignError } from '../../client/countersign-error';
import { Countersign, enrol, type Enrolled } from '../../client/index';
import { type HeldCredential } from '../../client/credential-file';
import { pause } from '../../client/pause';
import { enrolmentSecret, manageKeys } from '../gateway/agent-key';
import { type Harness, PARAMS, startHarness, TYPE } from '../gateway/harness';
import { moveFence } from '../helpers/move-fence';
import { temporaryDirectory } from '../helpers/temporary-directory';
import { says, startScriptedGateway } from './scripted-gateway';

let h: Harness;
let file: string;
beforeAll(async () => (h = await startHarness()));
beforeEach(() => {
  file = join(temporaryDirectory(), 'payer.json');
  // Each action ends at once: only so many may be open.
  h.play.submit = async ({ actionId }) => {
    const end = `update actions set state = 'executed', outcome = '{"kind":"executed","say":"Done.","result":{}}', settled_at = now()`;
    await h.superuser.query(`${end} where action = $1`, [actionId]);
    return 'answered';
  };
});
afterAll(() => h.stop());

const held = (): HeldCredential => JSON.parse(readFileSync(file, 'utf8')) as HeldCredential;
const client = (): Countersign => Countersign.fromEnv({ COUNTERSIGN_URL: h.url, COUNTERSIGN_AGENT_CREDENTIAL: file });
const submit = (cs: Countersign): Promise<unknown> => cs.submit(TYPE, PARAMS, { key: randomUUID() });
const enrolHere = async (): Promise<Enrolled> => await enrol(h.url, await enrolmentSecret(h), file);
const tokenFor = (token: string, lifeMs = 600_000): object => ({
  ...{ token, rotate: false, expiresAt: new Date(Date.now() + lifeMs).toISOString() },
});

test('an agent that enrolled acts by the key in its file, which nobody else may read', async () => {
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const args = ['enrol', 'agent', '--secret', await enrolmentSecret(h), '--out', file, '--url', h.url];
  await agentsCommand().parseAsync(args, { from: 'user' });
  jest.restoreAllMocks();
  await submit(client());
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(held()).toMatchObject({ tenant: 'acme', agent: 'agent', generation: 1 });
  await expect(agentsCommand().exitOverride().parseAsync(args, { from: 'user' })).rejects.toThrow('is there already');
  const { rows } = await h.superuser.query('select * from agent_credentials where kid = $1', [held().kid]);
  expect(JSON.stringify(rows)).not.toContain(held().key.d);
});

test('S11 no action is lost while a key is replaced in good time', async () => {
  const secret = await enrolmentSecret(h);
  // Two thirds of it pass before the next key; the last third is for a slow machine.
  await h.superuser.query(`update agent_enrolments set life = '6 seconds' where secret_hash = $1`, [
    createHash('sha256').update(secret).digest(),
  ]);
  const first = await enrol(h.url, secret, file);
  const cs = client();
  const seen = new Set<string>([first.kid]);
  const before = h.submitted.length;
  let done = 0;
  const work = async (): Promise<void> => {
    while (seen.size < 2) {
      await submit(cs);
      done += 1;
      seen.add(held().kid);
      await pause(50);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  expect(h.submitted.length - before).toBe(done);
  const { rows } = await h.superuser.query<{ kid: string }>(
    'select kid from agent_credentials where kid = any($1) and replaced_by is not null',
    [[...seen]],
  );
  expect(rows).toHaveLength(1);
}, 60_000);

test('S11 an agent replaces its key when it likes, and nothing that it asks meanwhile is lost', async () => {
  const { kid } = await enrolHere();
  const cs = client();
  await submit(cs);
  const before = h.submitted.length;
  const asked = Array.from({ length: 20 }, () => submit(cs));
  await Promise.all([cs.rotate(), cs.rotate(), ...asked]);
  await submit(cs);
  expect(h.submitted.length - before).toBe(21);
  const { rows } = await h.superuser.query(
    `with recursive line as (select kid, replaced_by from agent_credentials where kid = $1
       union all select c.kid, c.replaced_by from line join agent_credentials c on c.kid = line.replaced_by)
     select kid from line`,
    [kid],
  );
  expect(rows.map((row) => (row as { kid: string }).kid)).toEqual([kid, expect.any(String), held().kid]);
  await expect(new Countersign({ url: h.url, key: 'k' }).rotate()).rejects.toThrow('no successor');
});

test('S11 a key is replaced when somebody asks for it', async () => {
  const { kid } = await enrolHere();
  expect(await manageKeys(h, 'rotations')).toMatchObject({ status: 200 });
  await submit(client());
  expect(held().kid).not.toBe(kid);
});

test('S11 whoever was cut off while a key was replaced goes on with the same next one', async () => {
  await enrolHere();
  const before = held();
  await manageKeys(h, 'rotations');
  await submit(client());
  const after = held();
  writeFileSync(file, JSON.stringify({ ...before, next: after.key }));
  await submit(client());
  expect(held()).toMatchObject({ kid: after.kid, key: after.key });
});

test('S11 whoever comes back when the key before is over goes on with the next one, if that was registered', async () => {
  await enrolHere();
  const before = held();
  await manageKeys(h, 'rotations');
  await submit(client());
  const after = held();
  await h.superuser.query('update agent_credentials set not_after = now() where kid = $1', [before.kid]);
  writeFileSync(file, JSON.stringify({ ...before, next: after.key }));
  const cs = client();
  const asked = h.submitted.length;
  await submit(cs);
  expect(held()).toEqual(after);
  await cs.rotate();
  await submit(cs);
  expect(h.submitted).toHaveLength(asked + 2);

  const unregistered = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const lost = { ...before, next: unregistered };
  writeFileSync(file, JSON.stringify(lost));
  await expect(submit(client())).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
  expect(held()).toEqual(lost);
});

test('X44 after a stop an agent gets another token by itself; while it is stopped it is told so', async () => {
  await enrolHere();
  const cs = client();
  await submit(cs);
  await moveFence(h.superuser, 'acme', 'agent:agent', true);
  await expect(submit(cs)).rejects.toMatchObject({ code: 'scope_fenced' });
  await moveFence(h.superuser, 'acme', 'agent:agent', false);
  await submit(cs);
  await h.superuser.query(`update agents set state = 'quarantined' where agent = 'agent'`);
  await expect(submit(cs)).rejects.toMatchObject({ code: 'agent_not_active' });
  await h.superuser.query(`update agents set state = 'active' where agent = 'agent'`);
  await submit(cs);
});

test('X44 an agent whose keys were ended is told so, and acts no more', async () => {
  await enrolHere();
  const cs = client();
  await submit(cs);
  const before = h.submitted.length;
  expect(await manageKeys(h, 'revocations')).toMatchObject({ status: 200 });
  await expect(submit(cs)).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
  expect(h.submitted).toHaveLength(before);
});

test('a token that is not taken any more is asked for again, once', async () => {
  await enrolHere();
  const gateway = await startScriptedGateway();
  const refused = says(401, { code: 'unauthenticated' });
  gateway.answers.push(says(200, tokenFor('one')), refused, says(200, tokenFor('two')), says(200, { actionTypes: [] }));
  const cs = new Countersign({ url: gateway.url, credential: file });
  expect(await cs.tools()).toEqual([]);
  gateway.answers.push(refused, says(200, tokenFor('one')), refused);
  const error = await cs.tools().catch((thrown: unknown) => thrown as CountersignError);
  expect(error).toMatchObject({ status: 401 });
  expect(gateway.seen.map(({ request }) => [request.url, request.headers.authorization])).toEqual([
    ['/v1/token', undefined],
    ['/v1/catalogue', 'Bearer one'],
    ['/v1/token', undefined],
    ['/v1/catalogue', 'Bearer two'],
    ['/v1/catalogue', 'Bearer two'],
    ['/v1/token', undefined],
    ['/v1/catalogue', 'Bearer one'],
  ]);
  await gateway.stop();
});

test('an assertion whose answer was lost is not sent again; another is', async () => {
  await enrolHere();
  const gateway = await startScriptedGateway();
  gateway.answers.push((_, response) => response.destroy(), says(200, tokenFor('one')), says(200, { actionTypes: [] }));
  expect(await new Countersign({ url: gateway.url, credential: file }).tools()).toEqual([]);
  expect(gateway.seen.map(({ request }) => request.url)).toEqual(['/v1/token', '/v1/token', '/v1/catalogue']);
  await gateway.stop();
});

test('many who ask at once share one token, until shortly before it ends', async () => {
  await enrolHere();
  const gateway = await startScriptedGateway();
  const tools = says(200, { actionTypes: [] });
  gateway.answers.push(says(200, tokenFor('one', 2_000)), ...Array.from({ length: 20 }, () => tools));
  const cs = new Countersign({ url: gateway.url, credential: file });
  await Promise.all(Array.from({ length: 20 }, () => cs.tools()));
  const urls = (): unknown[] => gateway.seen.map(({ request }) => request.url);
  expect(urls().filter((url) => url === '/v1/token')).toHaveLength(1);
  await pause(1_600);
  gateway.answers.push(says(200, tokenFor('two')), tools);
  await cs.tools();
  expect(urls().slice(-2)).toEqual(['/v1/token', '/v1/catalogue']);
  expect(gateway.seen.at(-1)?.request.headers.authorization).toBe('Bearer two');
  await gateway.stop();
});

test('who waits for a token may stop waiting, and leaves it to the others', async () => {
  await enrolHere();
  const gateway = await startScriptedGateway();
  const cs = new Countersign({ url: gateway.url, credential: file });
  const impatient = new AbortController();
  let answer: (() => void) | undefined;
  gateway.answers.push((request, response) => (answer = () => says(200, tokenFor('one'))(request, response)));
  gateway.answers.push(says(200, { actionTypes: [] }));
  const stopped = expect(cs.tools({ signal: impatient.signal })).rejects.toThrow('enough');
  const patient = cs.tools();
  while (answer === undefined) await pause(10);
  impatient.abort(new Error('enough'));
  await stopped;
  answer();
  expect(await patient).toEqual([]);
  await gateway.stop();
});

test('a file that is none says so, and nothing that is in it; a spoilt secret leaves no file', async () => {
  const asks = async (): Promise<CountersignError> =>
    await client()
      .tools()
      .then(
        () => Promise.reject(new Error('it was taken')),
        (error: unknown) => error as CountersignError,
      );
  expect(await asks()).toMatchObject({ code: 'no_credential', message: expect.stringContaining('ENOENT') as string });
  for (const text of ['', '{}', 'null', '{"d":"very-secret"', '{"key":{"d":"very-secret"}}']) {
    writeFileSync(file, text);
    const error = await asks();
    expect(error).toMatchObject({ code: 'no_credential', retryable: false });
    expect(inspect(error, { depth: 9 })).not.toContain('very-secret');
  }
  await expect(enrol(h.url, 'nobody-issued-this-one', file)).rejects.toMatchObject({ code: 'no_credential' });
  rmSync(file);
  await expect(enrol(h.url, 'nobody-issued-this-one', file)).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(existsSync(file)).toBe(false);
  const secret = await enrolmentSecret(h);
  await expect(enrol(h.url, secret, join(file, 'x'))).rejects.toMatchObject({ code: 'no_credential' });
  await enrol(h.url, secret, file);
});

test('an agent has one way to be known', () => {
  expect(() => new Countersign({ url: h.url })).toThrow('give one of them');
  expect(() => new Countersign({ url: h.url, key: 'k', credential: file })).toThrow('give one of them');
});
