import { hash } from 'node:crypto';
import { type Open, openPostOffice, pathIn, type PostOffice } from './post-office';

let o: PostOffice;
beforeAll(async () => (o = await openPostOffice()));
afterAll(() => o.stop());

/** Whom mails went to since, with their first words. */
const since = (before: number): string[] =>
  o.server.mails
    .slice(before)
    .map(({ to, parsed }) => `${to.join()}: ${parsed.text?.split('\n').slice(0, 2).join(' ').trim() ?? ''}`)
    .sort();

const surfaces = async ({ id }: Open): Promise<string[]> =>
  (
    await o.h.superuser.query<{ said: string }>(
      `select surface || ' ' || state || coalesce(' ' || last_code, '') as said from surfaces where request = $1 order by 1`,
      [id],
    )
  ).rows.map(({ said }) => said);

const close = async ({ id }: Open, state: string): Promise<void> =>
  void (await o.h.superuser.query('update approval_requests set state = $2, closed_at = now() where request = $1', [
    id,
    state,
  ]));

describe('telling by mail', () => {
  it('A11 asks each person whom Slack does not reach once, under an address that is stored as a hash alone', async () => {
    const before = o.server.mails.length;
    const request = await o.open();
    expect(await o.tell()).toBe(true);
    await o.tell();
    expect(since(before)).toEqual([
      'bob@example.org: An agent asks to do this, and it waits for you.',
      'cleo@example.org: An agent asks to do this, and it waits for you.',
    ]);
    const token = pathIn(o.server.mails[before]).split('/')[2] ?? '';
    const { rows } = await o.h.superuser.query('select person, digest from mail_links where token_hash = $1', [
      hash('sha256', token, 'buffer'),
    ]);
    expect(rows).toEqual([{ person: expect.stringMatching(/bob|cleo/), digest: request.digest }]);
    const everything = await o.h.superuser.query(
      `select s::text from surfaces s union all select n::text from notices n`,
    );
    expect(JSON.stringify(everything.rows) + o.h.log.join()).not.toContain(token);
    await close(request, 'cancelled');
    await o.tell();
  });

  it('says to whoever did not decide that nothing is left to do, once', async () => {
    const request = await o.open();
    await o.tell();
    const before = o.server.mails.length;
    const json = { choice: 'approve', digest: request.digest };
    await o.h.request('POST', `/v1/approvals/${request.id}/votes`, { as: 'cleo', json });
    await close(request, 'approved');
    await o.tell();
    await o.tell();
    expect(since(before)).toEqual(['bob@example.org: Closed   Decided: approved by cleo. Nothing to do.']);
    const [first, last] = [
      o.server.mails.findLast(({ parsed, to }) => to[0] === 'bob@example.org' && parsed.inReplyTo === undefined),
      o.server.mails.at(-1),
    ];
    expect(last?.parsed.inReplyTo).toBe(first?.parsed.messageId);
  });

  it('F15 tries again while the mail server is away, and changes nothing that people can do elsewhere', async () => {
    const before = o.server.mails.length;
    const request = await o.open();
    for (let i = 0; i < 12; i += 1) {
      o.server.fail(451, 2);
      expect(await o.tell()).toBe(false);
    }
    expect(since(before)).toEqual([]);
    const json = { choice: 'approve', digest: request.digest };
    expect((await o.h.request('POST', `/v1/approvals/${request.id}/votes`, { as: 'cleo', json })).status).toBe(200);
    await o.tell();
    expect(await o.votes(request)).toEqual(['cleo approve api']);
    await close(request, 'approved');
    await o.tell();
  });

  it('F15 sends one and the same mail at most six times to a server that takes it and never says so', async () => {
    await o.h.superuser.query(`delete from person_addresses where person = 'cleo'`);
    const before = o.server.mails.length;
    const request = await o.open();
    for (let i = 0; i < 9; i += 1) {
      if (i < 6) o.server.fail('drop_after');
      await o.tell();
    }
    const mails = o.server.mails.slice(before);
    expect(mails).toHaveLength(6);
    expect(new Set(mails.map(({ parsed }) => parsed.messageId)).size).toBe(1);
    expect(await surfaces(request)).toEqual(['email/bob/asked gone mail_limit']);
    // Each of them leads there all the same.
    for (const mail of mails) expect((await o.h.request('GET', pathIn(mail))).status).toBe(200);
    await close(request, 'cancelled');
    await o.tell();
  });

  it('F15 waits for no answer that comes too late, and sends the mail again under its own name', async () => {
    const before = o.server.mails.length;
    const request = await o.open();
    o.server.fail('late');
    expect(await o.tell()).toBe(false);
    expect(await o.tell()).toBe(true);
    const mails = o.server.mails.slice(before);
    expect(mails.map(({ parsed }) => parsed.messageId)).toEqual([
      mails[0]?.parsed.messageId,
      mails[0]?.parsed.messageId,
    ]);
    expect(await surfaces(request)).toEqual(['email/bob/asked shown']);
    await close(request, 'cancelled');
    await o.tell();
  });

  it('gives up an address that is refused for good, and no other', async () => {
    const request = await o.open();
    o.server.fail(550);
    expect(await o.tell()).toBe(true);
    expect(await surfaces(request)).toEqual(['email/bob/asked gone smtp_550']);
    const { rows } = await o.h.superuser.query('select from mail_links where request = $1', [request.id]);
    expect(rows).toEqual([]);
  });

  it.each([
    '"a@evil.example x"@example.org',
    'a@example.org\r\nBcc: x@evil.example',
    'a@example.org, b@evil.example',
    'Bob <b@evil.example>',
  ])('X28 never has the address %j to send to', async (address) => {
    const json = { id: 'eve', name: 'Eve', address, reason: 'she joins' };
    const added = await o.h.request('POST', '/v1/admin/people', { as: 'ada', json });
    expect([added.status, added.body.problems?.map(({ path }: { path: string }) => path)]).toEqual([400, ['/address']]);
  });
});
