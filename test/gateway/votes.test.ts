import { actionDigest } from '../../evidence/action-digest';
import { type Harness, type Reply, startHarness } from './harness';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

interface Open {
  readonly id: string;
  readonly digest: string;
  readonly action: string;
}

const open = async (options: Parameters<Harness['openApproval']>[1] = {}): Promise<Open> => {
  const action = (await h.act()).body.id;
  await h.deps.background.drain(5_000);
  return { ...(await h.openApproval(action, options)), action };
};

const vote = ({ id, digest }: Open, as: string, json: object = {}, headers = {}): Promise<Reply> =>
  h.request('POST', `/v1/approvals/${id}/votes`, { as, json: { choice: 'approve', digest, ...json }, headers });

const votes = async (request: Open): Promise<string[]> =>
  (
    await h.superuser.query<{ person: string; choice: string }>(
      'select person, choice from votes where request = $1 order by 1, 2',
      [request.id],
    )
  ).rows.map((row) => `${row.person} ${row.choice}`);

const refusals = async (request: Open): Promise<string[]> =>
  (
    await h.superuser.query<{ key: string }>(
      `select key from ledger where key like 'vote-refused/' || $1 || '/%' order by key`,
      [request.id],
    )
  ).rows.map(({ key }) => key.split('/').slice(2).join(' '));

describe('a vote', () => {
  test('is recorded before it is answered, wakes the workflow, and says over which channel it came', async () => {
    const request = await open();
    const reply = await vote(request, 'bob', {}, { 'countersign-channel': 'cli' });
    expect([reply.status, reply.body]).toEqual([
      200,
      { request: request.id, choice: 'approve', recorded: true, before: false },
    ]);
    expect((await h.superuser.query('select channel from votes where request = $1', [request.id])).rows).toEqual([
      { channel: 'cli' },
    ]);
    await h.deps.background.drain(5_000);
    expect(h.woken.filter(({ actionId }) => actionId === request.action)).toHaveLength(1);
    expect(
      (await h.superuser.query('select from outbox where action = $1 and done_at is null', [request.action])).rowCount,
    ).toBe(0);
  });

  test.each([
    ['nobody hears the wake-up', () => Promise.reject(new Error('away'))],
    ['the workflow has ended, which the outbox looks into', () => Promise.resolve('closed' as const)],
  ])('is kept by the outbox when %s', async (_, wake) => {
    const request = await open();
    h.play.wake = wake;
    expect((await vote(request, 'bob')).status).toBe(200);
    await h.deps.background.drain(5_000);
    h.play.wake = () => Promise.resolve('woken');
    expect(
      (await h.superuser.query('select from outbox where action = $1 and done_at is null', [request.action])).rowCount,
    ).toBe(1);
  });

  test('X8 on what one owns is refused, and that is in the ledger once', async () => {
    const request = await open();
    for (let i = 0; i < 3; i += 1)
      expect([(await vote(request, 'olga')).status, (await vote(request, 'olga')).body.code]).toEqual([
        403,
        'self_approval',
      ]);
    expect(await refusals(request)).toEqual(['olga approve self_approval']);
    expect(await votes(request)).toEqual([]);
  });

  test.each([
    ['an approver of another group', 'dan', 403, 'not_entitled'],
    ['an operator', 'max', 403, 'not_entitled'],
    ['a viewer', 'vic', 403, 'not_entitled'],
    ['a person without any role', 'nil', 403, 'forbidden'],
    ['an agent', 'agent', 401, 'unauthenticated'],
    ['a person of another tenant', 'foreign-bob', 404, 'not_found'],
    ['nobody', undefined, 401, 'unauthenticated'],
  ])('of %s is refused', async (_, as, status, code) => {
    const request = await open();
    const reply = await h.request('POST', `/v1/approvals/${request.id}/votes`, {
      json: { choice: 'approve', digest: request.digest },
      ...(as !== undefined && { as }),
    });
    expect([reply.status, reply.body.code]).toEqual([status, code]);
    expect(await votes(request)).toEqual([]);
  });

  test.each([
    ['an operator', 'max'],
    ['an admin', 'ada'],
  ])('X81 by the login of %s is refused, and in the ledger; they may still ask to cancel', async (_, as) => {
    const request = await open();
    for (const json of [{}, { choice: 'deny', reason: 'x' }]) {
      const reply = await vote(request, as, json);
      expect([reply.status, reply.body.code]).toEqual([403, 'not_entitled']);
    }
    expect(await votes(request)).toEqual([]);
    expect(await refusals(request)).toEqual([`${as} approve not_entitled`, `${as} deny not_entitled`]);
    const cancel = `/v1/admin/actions/${request.action}/cancel`;
    expect((await h.request('POST', cancel, { as, json: { reason: 'x' } })).status).toBe(202);
  });

  test('of somebody who left the group or lost the role since the opening is refused', async () => {
    const request = await open();
    await h.superuser.query(`delete from group_members where tenant = 'acme' and person = 'cleo'`);
    expect((await vote(request, 'cleo')).body.code).toBe('not_entitled');
    await h.superuser.query(
      `insert into group_members (tenant, group_name, person) values ('acme', 'keepers', 'cleo')`,
    );
    await h.superuser.query(`update people set state = 'left' where tenant = 'acme' and person = 'cleo'`);
    expect((await vote(request, 'cleo')).status).toBe(401);
    await h.superuser.query(`update people set state = 'active' where tenant = 'acme' and person = 'cleo'`);
  });

  test('X24 on another digest is refused', async () => {
    const request = await open();
    const reply = await vote(request, 'bob', { digest: `sha256:${'a'.repeat(64)}` });
    expect([reply.status, reply.body.code]).toEqual([409, 'digest_mismatch']);
    expect(await refusals(request)).toEqual(['bob approve digest_mismatch']);
  });

  test('after the deadline is refused', async () => {
    const request = await open({ deadlineMs: -1 });
    const reply = await vote(request, 'bob');
    expect([reply.status, reply.body.code]).toEqual([409, 'approval_expired']);
    expect((await vote(request, 'bob', { choice: 'deny', reason: 'late' })).body.code).toBe('approval_expired');
    expect(await votes(request)).toEqual([]);
  });

  test.each(['rejected', 'cancelled', 'superseded'])('on a request that is %s is refused', async (state) => {
    const request = await open();
    await h.superuser.query('update approval_requests set state = $2, closed_at = now() where request = $1', [
      request.id,
      state,
    ]);
    const reply = await vote(request, 'bob');
    expect([reply.status, reply.body.code]).toEqual([409, 'approval_closed']);
  });

  test('cast again is answered the same way and counts once; with another digest it is refused', async () => {
    const request = await open({ need: 2 });
    expect((await vote(request, 'bob')).body.before).toBe(false);
    const again = await vote(request, 'bob');
    expect([again.status, again.body.before]).toEqual([200, true]);
    const other = await vote(request, 'bob', { digest: `sha256:${'b'.repeat(64)}` });
    expect([other.status, other.body.code]).toEqual([409, 'already_voted']);
    expect(await votes(request)).toEqual(['bob approve']);
  });

  test('against needs a reason, and so does any where the stage says so', async () => {
    const request = await open({ reason: 'required' });
    for (const json of [{ choice: 'deny' }, { choice: 'deny', reason: ' ' }, { choice: 'approve' }])
      expect((await vote(request, 'bob', json)).body.code).toBe('reason_required');
    expect((await vote(request, 'bob', { choice: 'deny', reason: 'not this one' })).status).toBe(200);
  });

  test('against still counts after the approval, until an effect has begun', async () => {
    const before = await open();
    await vote(before, 'bob');
    await h.superuser.query(`update approval_requests set state = 'approved', closed_at = now() where request = $1`, [
      before.id,
    ]);
    expect((await vote(before, 'cleo')).body.code).toBe('approval_closed');
    expect((await vote(before, 'cleo', { choice: 'deny', reason: 'wait' })).status).toBe(200);

    const after = await open();
    await vote(after, 'bob');
    await h.superuser.query(`update approval_requests set state = 'approved', closed_at = now() where request = $1`, [
      after.id,
    ]);
    await h.superuser.query(
      `insert into effects (tenant, action, step, kind, round, digest, idempotency_key, grant_id, send_by) values ('acme', $1, 'move', 'do', 1, $2, 'k', 'g', now())`,
      [after.action, after.digest],
    );
    expect((await vote(after, 'cleo', { choice: 'deny', reason: 'wait' })).body.code).toBe('approval_closed');
  });

  test('many at once: each person counts once for each choice', async () => {
    const request = await open({ need: 2 });
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        vote(request, i % 2 === 0 ? 'bob' : 'cleo', i % 4 < 2 ? {} : { choice: 'deny', reason: 'race' }),
      ),
    );
    expect(replies.filter(({ status }) => status >= 500)).toEqual([]);
    expect(replies.filter(({ body }) => body.before === false).length).toBe((await votes(request)).length);
    expect(await votes(request)).toEqual(['bob approve', 'bob deny', 'cleo approve', 'cleo deny']);
    expect(
      (await h.superuser.query(`select from ledger where key like 'vote/' || $1 || '/%'`, [request.id])).rowCount,
    ).toBe(4);
  });
});

describe('what approvers see', () => {
  test('exactly what would run, and the document that the digest is computed from', async () => {
    const request = await open();
    const { body } = await h.request('GET', `/v1/approvals/${request.id}`, { as: 'bob' });
    expect(body).toMatchObject({
      action: request.action,
      state: 'open',
      paramsText: '{"box":"b-17","weightGrams":1200}',
      card: { headline: 'Move b-17 off s-3' },
      excluded: ['olga'],
    });
    expect(actionDigest(body.document)).toBe(body.digest);
    expect(body.silence).toContain(body.deadline);
    await vote(request, 'bob');
    const after = await h.request('GET', `/v1/approvals/${request.id}`, { as: 'cleo' });
    expect(after.body.stages[0].votes).toMatchObject([{ person: 'bob', choice: 'approve', counts: true }]);
    await h.superuser.query(`update people set roles = '{viewer}' where tenant = 'acme' and person = 'bob'`);
    const later = await h.request('GET', `/v1/approvals/${request.id}`, { as: 'cleo' });
    await h.superuser.query(`update people set roles = '{approver}' where tenant = 'acme' and person = 'bob'`);
    expect(later.body.stages[0].votes).toMatchObject([{ person: 'bob', counts: false }]);
  });

  test('nobody sees what waits in an environment in which they have no role', async () => {
    const request = await open(); // in `test`
    const seenBy = async (role: string, environment: string): Promise<[boolean, number]> => {
      await h.superuser.query(
        `insert into role_grants (tenant, person, role, environment) values ('acme', 'nil', $1, $2)`,
        [role, environment],
      );
      const { body } = await h.request('GET', '/v1/approvals?limit=100', { as: 'nil' });
      const { status } = await h.request('GET', `/v1/approvals/${request.id}`, { as: 'nil' });
      await h.superuser.query('delete from role_grants');
      return [body.approvals.some(({ id }: { id: string }) => id === request.id), status];
    };
    for (const role of ['viewer', 'operator', 'approver', 'owner']) {
      expect(await seenBy(role, 'production')).toEqual([false, 404]);
      expect(await seenBy(role, 'test')).toEqual([true, 200]);
    }
  });

  test('a list of what is theirs to decide', async () => {
    const request = await open();
    const late = await open({ deadlineMs: -1 });
    const mine = async (as: string): Promise<string[]> =>
      (await h.request('GET', '/v1/approvals?for=me&limit=100', { as })).body.approvals.map(
        ({ id }: { id: string }) => id,
      );
    expect(await mine('bob')).toContain(request.id);
    expect(await mine('bob')).not.toContain(late.id);
    for (const as of ['olga', 'dan', 'max', 'foreign-bob']) expect(await mine(as)).toEqual([]);
    await vote(request, 'bob');
    expect(await mine('bob')).not.toContain(request.id);
    expect(await mine('cleo')).toContain(request.id);
    expect(
      (await h.request('GET', '/v1/approvals', { as: 'vic' })).body.approvals.map(({ id }: { id: string }) => id),
    ).toContain(request.id);
  });
});
