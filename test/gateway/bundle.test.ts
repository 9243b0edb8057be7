import { ROUTES } from '../../gateway/routes';
import { COOPERATIVE } from '../bundle/cooperative-policies';
import { INFRA } from '../bundle/policy-directory';
import { type Harness, type Reply, startHarness } from './harness';
import { putInForce } from './put-in-force';
import { moveFence } from '../helpers/move-fence';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
}, 60_000);
afterAll(() => h.stop());

const served = (headers: Record<string, string> = {}, as = 'agent'): Promise<Reply> =>
  h.request('GET', '/v1/bundle', { as, headers });
const change = (to: string) => h.superuser.query(`update agents set ${to} where tenant = 'acme' and agent = 'agent'`);

describe('before a bundle is in force', () => {
  test('there is nothing to decide by', async () => {
    expect((await served()).body).toMatchObject({ status: 503, code: 'not_ready' });
    await putInForce(h, COOPERATIVE, 1);
    expect((await served()).status).toBe(200);
  }, 60_000);
});

describe('GET /v1/bundle', () => {
  test('is as it is described, and is not sent twice', async () => {
    const first = await served();
    const route = ROUTES.find(({ path }) => path === '/v1/bundle');
    expect(route?.answers[200]?.schema.safeParse(first.body)).toMatchObject({ success: true });
    expect(first.body.agent).toMatchObject({ tenant: 'acme', id: 'agent', roles: ['mover'], team: 'floor' });
    const etag = first.headers.get('etag') ?? '';
    for (const same of [etag, `W/${etag}`]) {
      const again = await served({ 'if-none-match': same });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    }
    expect((await served({ 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('changes when the agent does, and when its scope is stopped', async () => {
    const etag = (await served()).headers.get('etag') ?? '';
    await change(`roles = '{}'`);
    expect((await served({ 'if-none-match': etag })).status).toBe(200);
    await change(`roles = '{mover}'`);
    expect((await served({ 'if-none-match': etag })).status).toBe(304);
    const move = (closed: boolean): Promise<void> =>
      moveFence(h.superuser, 'acme', 'action-type:infra.read_log', closed);
    await move(true);
    expect((await served({ 'if-none-match': etag })).body).toMatchObject({ stopped: ['infra.read_log'] });
    await move(false);
    expect((await served()).body).toMatchObject({ stopped: [] });
  });

  test.each(['paused', 'quarantined', 'offboarded'])('is not for an agent that is %s', async (state) => {
    await change(`state = '${state}'`);
    expect((await served()).body).toMatchObject({ status: 403, code: 'agent_not_active' });
    await change(`state = 'active'`);
  });

  test('is for no person', async () => expect((await served({}, 'bob')).status).toBe(401));

  test('is nothing where no action type is cooperative', async () => {
    await putInForce(h, INFRA, 2);
    expect((await served()).body).toMatchObject({ status: 404, code: 'not_found' });
  }, 60_000);
});
