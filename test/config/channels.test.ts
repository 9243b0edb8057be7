import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../../config/paths';
import { ConfigError } from '../../config/config-error';
import { readConfig } from '../../config/read-config';

const SLACK = {
  SLACK_BOT_TOKEN: 'xoxb-1-abc',
  SLACK_SIGNING_SECRET: '0123456789abcdef,fedcba9876543210',
  SLACK_CHANNEL: 'C0123',
  SLACK_TEAM: 'T0123',
};

function refused(env: Record<string, string>): { variables: string[]; message: string } {
  try {
    readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { variables: error.problems.map(({ variable }) => variable).sort(), message: error.message };
  }
  return { variables: [], message: '' };
}

test('without settings there are no channels', () => {
  const config = readConfig({});
  expect([config.slack, config.mail]).toEqual([undefined, undefined]);
});

test('two signing secrets hold while one is being replaced', () => {
  expect(readConfig(SLACK).slack).toEqual({
    botToken: 'xoxb-1-abc',
    signingSecrets: ['0123456789abcdef', 'fedcba9876543210'],
    channel: 'C0123',
    team: 'T0123',
    tenant: 'demo',
  });
});

test.each(Object.keys(SLACK))('Slack without %s is refused, for it would be silent', (missing) => {
  const { [missing as keyof typeof SLACK]: _, ...rest } = SLACK;
  expect(refused(rest).variables).toEqual([missing]);
});

test('a mail server without a sender is refused, and the other way round', () => {
  expect(refused({ SMTP_URL: 'smtp://127.0.0.1:25' }).variables).toEqual(['MAIL_FROM']);
  expect(refused({ MAIL_FROM: 'countersign@example.org' }).variables).toEqual(['SMTP_URL']);
});

test.each([
  ['SLACK_CHANNEL', '#payments'],
  ['SLACK_TEAM', 'acme'],
  ['SLACK_BOT_TOKEN', 'xoxp-user'],
  ['SMTP_URL', 'http://mail'],
  ['MAIL_FROM', 'Countersign <countersign@example.org>\r\nBcc: all@example.org'],
])('%s is told what it should be, without its value', (variable, value) => {
  const { variables, message } = refused({ ...SLACK, SMTP_URL: 'smtp://m', MAIL_FROM: 'a@b.c', [variable]: value });
  expect(variables).toContain(variable);
  expect(message).not.toContain(value);
});

test('production refuses an address that is not Slack', () => {
  const { variables } = refused({
    ...SLACK,
    COUNTERSIGN_MODE: 'production',
    SLACK_API_URL: 'https://not-slack.example',
  });
  expect(variables).toContain('SLACK_API_URL');
});

test('a worker that only orders is given nothing by which a press is told from a forged one; a gateway must have it', () => {
  const { SLACK_SIGNING_SECRET: _, ...toldNothing } = SLACK;
  expect(readConfig({ ...toldNothing, COUNTERSIGN_WORKER_ROLE: 'workflows' }).slack).toMatchObject({
    signingSecrets: [],
  });
  expect(() => readConfig(toldNothing)).toThrow(/SLACK_SIGNING_SECRET/);
  expect(() => readConfig({ ...SLACK, COUNTERSIGN_WORKER_ROLE: 'workflows' })).toThrow(/SLACK_SIGNING_SECRET/);
});

test('an empty file says as little as an empty variable: the channel is not set up', () => {
  const empty = join(mkdtempSync(join(tmpdir(), 'countersign-channels-')), 'empty');
  writeFileSync(empty, '');
  const files = { SLACK_BOT_TOKEN_FILE: empty, SLACK_SIGNING_SECRET_FILE: empty, SMTP_URL_FILE: empty };
  expect(readConfig(files)).not.toMatchObject({ slack: expect.anything() as unknown });
  expect(readConfig(files)).not.toMatchObject({ mail: expect.anything() as unknown });
});

test('compose gives it to the gateways alone', () => {
  const { services } = parse(readFileSync(join(packageRoot(), 'docker-compose.yml'), 'utf8'), { merge: true }) as {
    services: Record<string, { environment?: object }>;
  };
  const given = Object.keys(services).filter(
    (name) => 'SLACK_SIGNING_SECRET_FILE' in (services[name]?.environment ?? {}),
  );
  expect(given).toEqual(['gateway', 'gateway-operators']);
});
