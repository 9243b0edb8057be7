import { Countersign } from '../../client/countersign';
import { type CountersignError } from '../../client/countersign-error';
import { type Harness, PARAMS, secret, startHarness, TYPE } from '../gateway/harness';

let h: Harness;
let cs: Countersign;
beforeAll(async () => {
  h = await startHarness();
  cs = new Countersign({ url: `${h.url}/`, key: secret('agent') });
});
afterAll(() => h.stop());

const settle = async (id: string): Promise<void> => {
  const outcome = { kind: 'executed', say: 'This was done.', result: { move: { id: 'm-1' } } };
  await h.superuser.query(
    `update actions set state = 'executed', outcome = $2::jsonb, settled_at = now() where action = $1`,
    [id, JSON.stringify(outcome)],
  );
};

test('act waits for the end, over more than one request', async () => {
  h.play.submit = async ({ actionId }) => (setTimeout(() => void settle(actionId), 300), 'answered');
  const outcome = await cs.act(TYPE, PARAMS, { key: 'act-1', because: 'aisle blocked', context: { trace: 't' } });
  h.play.submit = () => Promise.resolve('answered');
  expect(outcome).toEqual({ kind: 'executed', say: 'This was done.', result: { move: { id: 'm-1' } } });
});

test('act says pending when the time is over', async () => {
  expect(await cs.act(TYPE, PARAMS, { key: 'act-2', waitMs: 200 })).toMatchObject({ kind: 'pending' });
});

test('submit answers at once; the result can be had later, from elsewhere', async () => {
  const { id } = await cs.submit(TYPE, PARAMS, { key: 'act-3' });
  expect(await cs.action(id).result({ waitMs: 0 })).toMatchObject({ kind: 'pending' });
  await settle(id);
  const elsewhere = Countersign.fromEnv({ COUNTERSIGN_URL: h.url, COUNTERSIGN_AGENT_KEY: secret('agent') });
  expect(await elsewhere.action(id).result()).toMatchObject({ kind: 'executed' });
});

test('cancelling asks', async () => {
  const handle = await cs.submit(TYPE, PARAMS, { key: 'act-4' });
  expect(await handle.cancel('not needed')).toMatchObject({ kind: 'pending' });
});

test('a refusal is an error with its code and every fault', async () => {
  const error = await cs
    .act(TYPE, { box: 'B', weightGrams: 0 }, { key: 'act-5' })
    .catch((thrown: unknown) => thrown as CountersignError);
  expect(error).toMatchObject({ name: 'CountersignError', code: 'invalid_parameters', status: 400 });
  expect((error as CountersignError).problems.map(({ path }) => path).sort()).toEqual([
    '/params/box',
    '/params/weightGrams',
  ]);
});

test('a number that JSON cannot say is not sent as null', async () => {
  await expect(cs.act(TYPE, { ...PARAMS, weightGrams: NaN }, { key: 'act-6' })).rejects.toThrow(TypeError);
});

test.each([{}, { key: '' }, { key: 'two\nlines' }])('nothing is asked under no key: %p', async (options) => {
  await expect(cs.submit(TYPE, PARAMS, options as { key: string })).rejects.toThrow(TypeError);
});

test('without its two variables it says which', () => {
  expect(() => Countersign.fromEnv({})).toThrow('COUNTERSIGN_URL');
});

test('asks for nothing new when it is asked again, from wherever', async () => {
  const first = await cs.submit(TYPE, PARAMS, { key: 'act-7' });
  const elsewhere = new Countersign({ url: h.url, key: secret('agent') });
  expect((await elsewhere.submit(TYPE, PARAMS, { key: 'act-7' })).id).toBe(first.id);
  await expect(elsewhere.submit(TYPE, { ...PARAMS, box: 'b-18' }, { key: 'act-7' })).rejects.toMatchObject({
    code: 'idempotency_key_reused',
    retryable: false,
  });
});

test('the action types are tools that a model takes', async () => {
  const tools = await cs.tools();
  expect(tools).toMatchObject([
    {
      name: 'warehouse-move_box',
      actionType: TYPE,
      parameters: { type: 'object', additionalProperties: false, required: ['box', 'weightGrams'] },
    },
  ]);
  expect(tools[0]?.description).toMatch(
    /^Move <box> off <shelf>\. Risk: high\. It can be undone .*must not be asked for again\.$/,
  );
  expect(tools[0]?.description).not.toMatch(/[{}]/);
});
