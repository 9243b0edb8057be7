import { INFRA, problemsOf } from './policy-directory';

it.each([
  ['a chain', 'ask_always: on-call'],
  ['none, so that such an agent is denied everything', 'other: 1'],
])('takes %s for agents that always have to ask', async (_, text) => {
  expect(await problemsOf({ ...INFRA, 'data/agents.yaml': text })).toEqual([]);
});

it.each([
  ['there is not', 'ask_always: on-cal'],
  ['is a name that every object has', 'ask_always: constructor'],
  ['is no name', 'ask_always: [on-call]'],
  ['is nothing', 'ask_always:'],
])('refuses a chain for them that %s', async (_, text) => {
  const [problem, ...others] = await problemsOf({ ...INFRA, 'data/agents.yaml': text });
  expect([problem, others]).toMatchObject([{ file: 'data/agents.yaml', path: '/ask_always' }, []]);
});
