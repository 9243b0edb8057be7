import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { agentsCommand } from '../../cli/commands/agents';
import { Countersign, enrol } from '../../client/index';
import { type HeldCredential } from '../../client/credential-file';
import { enrolmentSecret } from '../gateway/agent-key';
import { type Harness, PARAMS, startHarness, TYPE } from '../gateway/harness';
import { temporaryDirectory } from '../helpers/temporary-directory';
import { says, startScriptedGateway } from './scripted-gateway';

let h: Harness;
let file: string;
beforeAll(async () => (h = await startHarness()));
beforeEach(() => (file = join(temporaryDirectory(), 'payer.json')));
afterAll(() => h.stop());

const held = (): HeldCredential => JSON.parse(readFileSync(file, 'utf8')) as HeldCredential;

async function keys(): Promise<readonly string[]> {
  const { rows } = await h.superuser.query<{ kid: string }>(`select kid from agent_credentials where agent = 'agent'`);
  return rows.map(({ kid }) => kid);
}

/** Hands everything to the gateway, waits until it has answered, and hangs up instead of passing that on. */
async function startLosingProxy(): Promise<{ url: string; answered: number[]; stop: () => Promise<void> }> {
  const answered: number[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${h.url}${request.url}`, { method: 'POST', headers, body: await text(request) });
      await answer.text();
      answered.push(answer.status);
      response.destroy();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answered, stop };
}

/** The gateway registers a key, and whoever asked never hears of it. */
async function loseAnswer(secret: string): Promise<void> {
  const proxy = await startLosingProxy();
  await expect(enrol(proxy.url, secret, file)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(/Enrol again with the same secret.*15 minutes/) as string,
  });
  await proxy.stop();
  expect(new Set(proxy.answered)).toEqual(new Set([200]));
}

test('whoever lost the answer enrols again by the same secret, and has one key, which is good', async () => {
  const before = await keys();
  const secret = await enrolmentSecret(h);
  await loseAnswer(secret);
  expect(Object.keys(held())).toEqual(['next']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const pending = held().next;
  await expect(new Countersign({ url: h.url, credential: file }).tools()).rejects.toMatchObject({
    code: 'no_credential',
  });

  const mistyped = enrol(h.url, 'nobody-issued-this-one', file);
  await expect(mistyped).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
  await expect(mistyped).rejects.toThrow('keeps the key of an enrolment that was cut off');
  const { kid } = await enrol(h.url, secret, file);
  expect(held()).toMatchObject({ kid, key: pending });
  expect(held().next).toBeUndefined();
  expect((await keys()).filter((each) => !before.includes(each))).toEqual([kid]);
  const asked = h.submitted.length;
  const cs = new Countersign({ url: h.url, credential: file });
  await cs.submit(TYPE, PARAMS, { key: randomUUID() });
  expect(h.submitted).toHaveLength(asked + 1);
});

test('whoever comes back when the secret is over is told to begin anew, and loses no other secret by it', async () => {
  await loseAnswer(await enrolmentSecret(h));
  const another = await enrolmentSecret(h);
  const refused = enrol(h.url, another, file);
  await expect(refused).rejects.toMatchObject({ code: 'key_taken' });
  await expect(refused).rejects.toThrow('remove the file');
  rmSync(file);
  const { kid } = await enrol(h.url, another, file);
  expect(held().kid).toBe(kid);
});

test.each([
  ['something in between', 404, 'not here', 'http_404'],
  ['a gateway that has too much to do', 429, { code: 'agent_busy' }, 'agent_busy'],
  ['a gateway that was asked before, when the agent was active', 403, { code: 'agent_not_active' }, 'agent_not_active'],
])('what %s answers does not say that the key was not taken', async (_, status, body, code) => {
  const gateway = await startScriptedGateway();
  gateway.answers.push(says(status, body, { 'retry-after': '60' }));
  const secret = await enrolmentSecret(h);
  await expect(enrol(gateway.url, secret, file)).rejects.toMatchObject({ code, status });
  await gateway.stop();
  const { next } = held();
  await enrol(h.url, secret, file);
  expect(held().key).toEqual(next);
});

test('a key that was not made here, or that somebody else could read, is never registered', async () => {
  const secret = await enrolmentSecret(h);
  const gateway = await startScriptedGateway();
  gateway.answers.push(says(404, ''));
  await expect(enrol(gateway.url, secret, file)).rejects.toThrow();
  await gateway.stop();
  const pending = held();
  const before = await keys();
  const refuses = async (): Promise<void> =>
    await expect(enrol(h.url, secret, file)).rejects.toThrow('is there already, and may hold a key that is good');
  for (const value of [{ key: pending.next }, { ...pending, kid: 'x' }, { next: { d: pending.next?.d } }, {}, null]) {
    writeFileSync(file, JSON.stringify(value));
    await refuses();
    expect(readFileSync(file, 'utf8')).toBe(JSON.stringify(value));
  }
  writeFileSync(file, JSON.stringify(pending));
  chmodSync(file, 0o640);
  await refuses();
  chmodSync(file, 0o600);
  const directory = `${file}.d`;
  mkdirSync(directory, 0o700);
  await expect(enrol(h.url, secret, directory)).rejects.toMatchObject({ code: 'no_credential' });
  expect(await keys()).toEqual(before);
  await enrol(h.url, secret, file);
});

test('the command line says how to go on, and goes on', async () => {
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const proxy = await startLosingProxy();
  const args = ['enrol', 'agent', '--secret', await enrolmentSecret(h), '--out', file, '--url'];
  await expect(agentsCommand().parseAsync([...args, proxy.url], { from: 'user' })).rejects.toThrow('Enrol again');
  await proxy.stop();
  expect(existsSync(file)).toBe(true);
  await agentsCommand().parseAsync([...args, h.url], { from: 'user' });
  expect(stderr.mock.calls.join('')).toContain(`agent is known by the key in ${file}`);
  stderr.mockRestore();
  expect(held()).toMatchObject({ agent: 'agent' });
});
