import { actionWorkflowId } from '../../workflows/contract/names';
import { type Harness, PARAMS, startHarness, TYPE } from '../gateway/harness';

let h: Harness;
beforeAll(async () => (h = await startHarness()));
afterAll(() => h.stop());

const OURS = /^act-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Keys of agents that would be somebody else's workflow, if anything of theirs stood in its id. */
const KEYS = [
  'action/rival/act-1',
  '../rival/act-1',
  'rival/act-1',
  '%2e%2e%2frival',
  'act-00000000-0000-7000-8000-000000000000',
];

it('X48 a workflow is called after the tenant of the key and an id of ours, whatever else was sent', async () => {
  const ids = new Set<string>();
  for (const key of KEYS)
    for (const as of ['agent', 'other-agent', 'foreign-agent']) {
      const { status, body } = await h.act({ as, key });
      expect([status, body.id]).toEqual([202, expect.stringMatching(OURS)]);
      const started = h.submitted.at(-1);
      expect(started).toMatchObject({ tenant: as === 'foreign-agent' ? 'rival' : 'acme', actionId: body.id });
      ids.add(actionWorkflowId(started?.tenant ?? '', body.id));
    }
  expect(ids.size).toBe(KEYS.length * 3);
});

it.each([
  ['id', 'act-1'],
  ['actionId', 'act-1'],
  ['workflowId', 'action/rival/act-1'],
  ['tenant', 'rival'],
])('X48 nobody chooses the %s', async (name, value) => {
  const before = h.submitted.length;
  const { status, body } = await h.act({ json: { type: TYPE, params: PARAMS, [name]: value } });
  expect([status, body.code, h.submitted.length]).toEqual([400, 'invalid_parameters', before]);
});

it.each(['acme/act-1', 'acme/', '/acme', 'acme%2fx', 'Acme', ' acme', ''])(
  'X48 %j is no tenant, so that no two workflows of two tenants have one id',
  async (tenant) => {
    await expect(h.superuser.query('insert into tenants (tenant, name) values ($1, $1)', [tenant])).rejects.toThrow(
      'tenants_tenant_check',
    );
  },
);
