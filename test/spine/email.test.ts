import { Client } from 'pg';
import { type ArrivedMail, type MailDouble, startMailDouble } from '../../demo/doubles/mail/start-mail-double';
import { waitUntil } from '../../stack/wait-until';
import { ended, largeInvoice, pay } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

let spine: Spine;
let server: MailDouble;
beforeAll(async () => {
  server = await startMailDouble();
  spine = await startSpine({
    settings: () => Promise.resolve({ SMTP_URL: server.url, MAIL_FROM: 'countersign@example.org' }),
  });
  const owner = new Client({ connectionString: spine.database.superuserUrl });
  await owner.connect();
  await owner.query(
    `insert into person_addresses (tenant, person, address) values ('demo', 'bob', 'bob@example.org'), ('demo', 'carol', 'carol@example.org')`,
  );
  await owner.end();
});
afterAll(async () => {
  await spine.stop();
  await server.stop();
});

const mailTo = async (person: string, words: string): Promise<ArrivedMail> => {
  const find = (): ArrivedMail | undefined =>
    server.mails.find(({ to, parsed }) => to[0] === `${person}@example.org` && parsed.text?.includes(words) === true);
  await waitUntil(() => Promise.resolve(find() !== undefined), {
    what: `No mail to ${person} says ${words}`,
    withinMs: 20_000,
  });
  return find() as ArrivedMail;
};

const effectsOf = (actionId: string): string[] =>
  spine.services.payments.book
    .records()
    .filter((record) => record.kind === 'effect' && record.actionId === actionId)
    .map(({ operation }) => String(operation));

it('A11 X19 a payment asked for by mail is made once its addressee types the code, and not by opening the link', async () => {
  const invoice = largeInvoice();
  const asked = await pay(spine, invoice);
  expect(asked.outcome.kind).toBe('pending');
  const mail = await mailTo('bob', invoice.invoiceId);
  const link = /http:\/\/\S+\/approvals\/[\w-]{43}/.exec(mail.parsed.text ?? '')?.[0] ?? '';
  expect(link.startsWith(spine.gatewayUrl)).toBe(true);

  for (let i = 0; i < 20; i += 1) expect((await fetch(link)).status).toBe(200);
  expect((await fetch(link, { method: 'HEAD' })).status).toBe(200);
  const send = async (to: string, form: Record<string, string>): Promise<Response> =>
    await fetch(link + to, { method: 'POST', body: new URLSearchParams(form), headers: { origin: spine.gatewayUrl } });
  expect((await send('/votes', { choice: 'approve', code: '000000' })).status).toBe(403);
  expect(effectsOf(asked.id)).toEqual([]);

  expect((await send('/code', { choice: 'approve' })).status).toBe(200);
  const letter = await mailTo('bob', 'Code to approve');
  const code = /Code to approve: (\d{6})/.exec(letter.parsed.text ?? '')?.[1] ?? '';
  expect((await send('/votes', { choice: 'approve', code })).status).toBe(200);
  expect(await ended(spine, asked.id)).toMatchObject({ kind: 'executed' });
  expect(effectsOf(asked.id)).toEqual(['createPayment']);
  expect((await mailTo('carol', 'Decided: approved by bob')).parsed.text).toContain('Nothing to do.');

  const token = link.split('/').at(-1) ?? '';
  const logs = spine.worker().log();
  expect(logs).not.toContain(token);
  expect(logs).not.toContain(code);
  const { rows } = await spine.auditor.query(`select leaf from ledger where tenant = 'demo'`);
  const entries = JSON.stringify(rows);
  for (const secret of [token, 'bob@example.org']) expect(entries).not.toContain(secret);
  expect(entries).toContain('email');
  expect(server.malformed).toEqual([]);
});
