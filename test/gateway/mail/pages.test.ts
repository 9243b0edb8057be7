import { INVISIBLE } from '../../helpers/deceiving-words';
import { PARAMS, TYPE } from '../harness';
import { type PostOffice, openPostOffice } from './post-office';

let o: PostOffice;
beforeAll(async () => (o = await openPostOffice()));
afterAll(() => o.stop());

/** Presses a button on the page and types the code that came. */
const decide = async (path: string, person: string, choice: string, reason = 'because'): Promise<number> => {
  expect((await o.post(`${path}/code`, { choice, reason })).status).toBe(200);
  return (await o.post(`${path}/votes`, { choice, reason, code: o.lastCode(person) })).status;
};

/** What strangers did, as it is stored. */
const counted = async (kind: string): Promise<number> => {
  await o.h.deps.strangers.flush();
  const { rows } = await o.h.superuser.query<{ n: number }>(
    'select coalesce(sum(count), 0)::int as n from security_events where kind = $1',
    [kind],
  );
  return rows[0]?.n ?? 0;
};

describe('the page behind a mail', () => {
  it('shows everything that would be agreed to, and keeps the address to itself', async () => {
    const { path, digest } = await o.linkFor('bob');
    const { status, text, headers } = await o.h.request('GET', path);
    expect(status).toBe(200);
    for (const words of ['Move b-17 off s-3', digest, '1200', 'bob', 'it expires and nothing happens'])
      expect(text).toContain(words);
    expect(headers.get('content-type')).toContain('text/html');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*form-action 'self'/);
    expect(o.h.log.join('\n')).not.toContain(path.split('/')[2]);
    expect(o.h.log.join('\n')).toContain('/approvals/{token}');
  });

  it('X22 lets nothing that an agent or a target wrote become markup, or hide', async () => {
    const evil = '</p><script>alert(1)</script><img src=x onerror=alert(1)>\r\n\u202e\u001b[2J';
    o.h.play.fact = () => Promise.resolve({ kind: 'found', fact: { shelf: evil } });
    const json = { type: TYPE, params: { ...PARAMS, note: evil }, because: evil, waitMs: 0 };
    const { path } = await o.linkFor('bob', {}, json);
    o.h.play.fact = () => Promise.resolve({ kind: 'found', fact: { shelf: 's-3' } });
    const plain = await o.h.request('GET', (await o.linkFor('bob', {}, { ...json, because: 'plain' })).path);
    const page = await o.h.request('GET', path);
    const tags = (text: string): string[] => (text.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/[\w-]{43}/, ''));
    expect(tags(page.text)).toEqual(tags(plain.text));
    expect(page.text.replaceAll('\n', '')).not.toMatch(INVISIBLE);
    expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('X19 decides nothing however often it is opened, nor when a form is sent without the code', async () => {
    const { path, ...request } = await o.linkFor('bob');
    const mails = o.server.mails.length;
    for (let i = 0; i < 20; i += 1) {
      expect((await o.h.request('GET', path)).status).toBe(200);
      expect((await o.h.request('HEAD', path)).status).toBe(200);
    }
    expect(o.server.mails).toHaveLength(mails);
    expect((await o.post(`${path}/votes`, { choice: 'approve' })).status).toBe(403);
    // A scanner that runs the page's forms gets no further: the code is in the mailbox, and not on the page.
    await o.post(`${path}/code`, { choice: 'approve' });
    expect((await o.post(`${path}/votes`, { choice: 'approve' })).status).toBe(403);
    expect((await o.post(`${path}/votes`, { choice: 'approve', code: '' })).status).toBe(403);
    expect(await o.votes(request)).toEqual([]);
  });

  it('X36 takes no reason that Postgres could not keep, and sends no code for it', async () => {
    const { path } = await o.linkFor('bob');
    const codes = o.lastCode('bob');
    expect((await o.post(`${path}/code`, { choice: 'deny', reason: 'no\0' })).status).toBe(400);
    expect(o.lastCode('bob')).toBe(codes);
  });

  it('X21 takes the vote of whoever reads the mail of the addressee, once', async () => {
    const { path, ...request } = await o.linkFor('bob', { need: 2 });
    expect(await decide(path, 'bob', 'approve')).toBe(200);
    expect(await o.votes(request)).toEqual(['bob approve email']);
    const again = await o.h.request('GET', path);
    expect([again.status, again.text]).toEqual([410, expect.stringContaining('your decision is recorded')]);
    expect((await o.post(`${path}/code`, { choice: 'deny', reason: 'no' })).status).toBe(409);
    expect(await o.votes(request)).toEqual(['bob approve email']);
  });

  it('X8 decides nothing for whoever came to answer for the agent since it was sent', async () => {
    const { path, ...request } = await o.linkFor('bob');
    await o.post(`${path}/code`, { choice: 'approve' });
    const code = o.lastCode('bob');
    await o.h.superuser.query(`update agents set owner = 'bob' where tenant = 'acme'`);
    try {
      expect((await o.h.request('GET', path)).status).toBe(410);
      for (const form of [
        { choice: 'approve', code },
        { choice: 'deny', code, reason: 'mine' },
      ])
        expect((await o.post(`${path}/votes`, form)).status).toBe(409);
    } finally {
      await o.h.superuser.query(`update agents set owner = 'olga' where tenant = 'acme'`);
    }
    expect(await o.votes(request)).toEqual([]);
  });

  it('X20 decides nothing for whoever was only forwarded it, and counts the codes that they guess: the code goes to the addressee', async () => {
    const { path, ...request } = await o.linkFor('bob');
    const before = o.server.mails.length;
    const wrongBefore = await counted('wrong_mail_code');
    await o.post(`${path}/code`, { choice: 'approve' });
    expect(o.server.mails.slice(before).map(({ to }) => to)).toEqual([['bob@example.org']]);
    const right = o.lastCode('bob');
    const wrong = right === '000000' ? '000001' : '000000';
    for (let i = 0; i < 5; i += 1)
      expect((await o.post(`${path}/votes`, { choice: 'approve', code: wrong })).text).toContain(
        'That is not the code',
      );
    expect((await o.post(`${path}/votes`, { choice: 'approve', code: right })).text).toContain(
      'There is no code to try',
    );
    expect(await o.votes(request)).toEqual([]);
    expect((await counted('wrong_mail_code')) - wrongBefore).toBe(5);
  });

  it('sends three codes over one link and no more', async () => {
    const { path } = await o.linkFor('bob');
    for (let i = 0; i < 3; i += 1) expect((await o.post(`${path}/code`, { choice: 'approve' })).status).toBe(200);
    expect((await o.post(`${path}/code`, { choice: 'approve' })).status).toBe(429);
  });

  it('takes a code for the choice and the link that it was sent for alone', async () => {
    const one = await o.linkFor('bob');
    const other = await o.linkFor('bob');
    await o.post(`${one.path}/code`, { choice: 'approve' });
    const code = o.lastCode('bob');
    await o.post(`${other.path}/code`, { choice: 'approve' });
    expect((await o.post(`${one.path}/votes`, { choice: 'deny', reason: 'no', code })).status).toBe(403);
    if (o.lastCode('bob') !== code)
      expect((await o.post(`${other.path}/votes`, { choice: 'approve', code })).status).toBe(403);
    expect((await o.post(`${one.path}/votes`, { choice: 'approve', code })).status).toBe(200);
  });

  it('takes no code that is older than ten minutes', async () => {
    const { path, ...request } = await o.linkFor('bob');
    await o.post(`${path}/code`, { choice: 'approve' });
    await o.h.superuser.query(`update mail_links set code_expires_at = now() where request = $1`, [request.id]);
    expect((await o.post(`${path}/votes`, { choice: 'approve', code: o.lastCode('bob') })).status).toBe(403);
    expect(await o.votes(request)).toEqual([]);
  });

  it('X21 knows no link that was guessed, tampered with or is of another shape, and counts who tries', async () => {
    const { path } = await o.linkFor('bob');
    const flipped = path.slice(0, -2) + (path.at(-2) === 'A' ? 'B' : 'A') + path.slice(-1);
    for (const wrong of [flipped, `${path}A`, path.slice(0, -1), `/approvals/${'A'.repeat(43)}`, '/approvals/%00'])
      for (const reply of [await o.h.request('GET', wrong), await o.post(`${wrong}/code`, { choice: 'approve' })]) {
        expect(reply.status).toBe(404);
        expect(reply.headers.get('content-type')).toContain('text/html');
      }
    expect(await counted('unknown_mail_link')).toBeGreaterThanOrEqual(10);
  });

  it('X21 stays within the tenant whose mail it came with', async () => {
    const here = await o.linkFor('bob');
    const there = await o.linkFor('bob', { tenant: 'rival' });
    expect(await decide(there.path, 'bob', 'approve')).toBe(200);
    const { rows } = await o.h.superuser.query('select tenant, request from votes where request = any ($1)', [
      [here.id, there.id],
    ]);
    expect(rows).toEqual([{ tenant: 'rival', request: there.id }]);
  });

  it('is over with the time to decide, and when the request is closed elsewhere', async () => {
    const late = await o.linkFor('bob');
    await o.h.superuser.query(`update mail_links set expires_at = now() where request = $1`, [late.id]);
    expect((await o.h.request('GET', late.path)).status).toBe(410);
    expect((await o.post(`${late.path}/code`, { choice: 'approve' })).status).toBe(409);
    const closed = await o.linkFor('bob');
    await o.h.request('POST', `/v1/approvals/${closed.id}/votes`, {
      as: 'cleo',
      json: { choice: 'approve', digest: closed.digest },
    });
    await o.h.superuser.query(`update approval_requests set state = 'approved', closed_at = now() where request = $1`, [
      closed.id,
    ]);
    const page = await o.h.request('GET', closed.path);
    expect([page.status, page.text]).toEqual([410, expect.stringContaining('Decided: approved by cleo.')]);
    expect(page.text).not.toContain(closed.digest);
  });

  it('wants a reason to deny, and to approve where the stage wants one', async () => {
    const plain = await o.linkFor('bob');
    expect((await o.post(`${plain.path}/code`, { choice: 'deny' })).status).toBe(422);
    const strict = await o.linkFor('bob', { reason: 'required' });
    expect((await o.post(`${strict.path}/code`, { choice: 'approve' })).status).toBe(422);
    expect(await decide(strict.path, 'bob', 'approve', 'it is heavy')).toBe(200);
  });

  it('uses nothing up with a vote that is refused', async () => {
    const { path, ...request } = await o.linkFor('bob');
    await o.post(`${path}/code`, { choice: 'approve' });
    const code = o.lastCode('bob');
    await o.h.superuser.query(`update people set roles = '{}' where tenant = 'acme' and person = 'bob'`);
    expect((await o.post(`${path}/votes`, { choice: 'approve', code })).status).toBe(403);
    await o.h.superuser.query(`update people set roles = '{approver}' where tenant = 'acme' and person = 'bob'`);
    expect((await o.post(`${path}/votes`, { choice: 'approve', code })).status).toBe(200);
    expect(await o.votes(request)).toEqual(['bob approve email']);
  });

  it('refuses forms from pages of other origins, and other forms than its own', async () => {
    const { path } = await o.linkFor('bob');
    for (const origin of ['https://evil.example', 'null'])
      expect((await o.post(`${path}/code`, { choice: 'approve' }, { origin })).status).toBe(403);
    expect((await o.post(`${path}/code`, { choice: 'approve' }, { origin: o.h.url })).status).toBe(200);
    expect((await o.post(`${path}/code`, { choice: 'perhaps' })).status).toBe(400);
    expect((await o.post(`${path}/code`, { choice: 'approve' }, { 'content-type': 'text/plain' })).status).toBe(415);
  });

  it('counts the same person once who decides by mail and over the API at the same moment', async () => {
    const { path, ...request } = await o.linkFor('bob', { need: 2 });
    await o.post(`${path}/code`, { choice: 'approve' });
    const code = o.lastCode('bob');
    const json = { choice: 'approve', digest: request.digest };
    const replies = await Promise.all([
      o.post(`${path}/votes`, { choice: 'approve', code }),
      o.h.request('POST', `/v1/approvals/${request.id}/votes`, { as: 'bob', json }),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect(await o.votes(request)).toHaveLength(1);
  });

  it('says so when the mail server does not take the code, and gives the code back', async () => {
    const { path } = await o.linkFor('bob');
    o.server.fail(451, 4);
    for (let i = 0; i < 4; i += 1) expect((await o.post(`${path}/code`, { choice: 'approve' })).status).toBe(503);
    expect(await decide(path, 'bob', 'approve')).toBe(200);
  });
});
