import { createMailSender } from '../../../channels/email/create-mail-sender';
import { type Mail } from '../../../channels/email/mail-sender';
import { type MailDouble, startMailDouble } from '../../../demo/doubles/mail/start-mail-double';

let server: MailDouble;
beforeAll(async () => (server = await startMailDouble()));
afterAll(() => server.stop());

const mail = (more: Partial<Mail> = {}): Mail => ({
  ...{ to: 'bob@example.org', subject: 'Decide: Move b-1', text: 'text', html: '<p>text</p>' },
  messageId: '<a@example.org>',
  ...more,
});
const send = (more: Partial<Mail> = {}) => createMailSender({ url: server.url, from: 'us@example.org' })(mail(more));

describe('a mail on the wire', () => {
  it('is well formed, says that a program sent it, and belongs to the first', async () => {
    const long = `é ${'x'.repeat(5_000)}`;
    expect(await send({ text: long, subject: long, inReplyTo: '<first@example.org>' })).toEqual({ kind: 'sent' });
    expect(server.malformed).toEqual([]);
    const { parsed, to } = server.mails.at(-1) ?? {};
    expect(to).toEqual(['bob@example.org']);
    expect([parsed?.text?.trim(), parsed?.subject]).toEqual([long, long]);
    expect([parsed?.messageId, parsed?.inReplyTo, parsed?.references]).toEqual([
      ...['<a@example.org>', '<first@example.org>', '<first@example.org>'],
    ]);
    expect(parsed?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(parsed?.headers.get('x-auto-response-suppress')).toBe('All');
    expect(parsed?.attachments).toEqual([]);
  });

  it('has no header and no recipient more than ours, whatever stands in its subject', async () => {
    await send({ subject: 'x\r\nBcc: evil@example.org\r\n\r\nbody' });
    const { raw, to } = server.mails.at(-1) ?? {};
    expect(raw).not.toMatch(/^bcc:/im);
    expect(to).toEqual(['bob@example.org']);
  });

  it.each([
    ['turned away for now', 451, { kind: 'failed', code: 'smtp_451', perhaps: false }],
    ['turned away for good', 550, { kind: 'refused', code: 'smtp_550' }],
    ['taken, and the line is cut', 'drop_after', { kind: 'failed', perhaps: true }],
    ['answered too late', 'late', { kind: 'failed', perhaps: true }],
    ['not even greeted', 'hang', { kind: 'failed', perhaps: false }],
  ] as const)('is known to have been %s', async (_, fault, result) => {
    server.fail(fault);
    const startedMs = performance.now();
    expect(await send()).toMatchObject(result);
    expect(performance.now() - startedMs).toBeLessThan(11_000);
  });

  it('is known not to have been sent where no server listens', async () => {
    const away = createMailSender({ url: 'smtp://127.0.0.1:1', from: 'us@example.org' });
    expect(await away(mail())).toMatchObject({ kind: 'failed', perhaps: false });
  });
});
