import { COOPERATIVE } from './cooperative-policies';
import { changed, type Files, INFRA, problemsOf } from './policy-directory';

const READ = 'action-types/read-log.yaml';
const RESTART = 'action-types/restart.yaml';

const reading = (from: string, to: string): Files => {
  const text = COOPERATIVE[READ] ?? '';
  expect(text).toContain(from);
  return { ...COOPERATIVE, [READ]: text.replace(from, to) };
};

test('an action of low risk that needs nothing of ours may be cooperative', async () => {
  expect(await problemsOf(COOPERATIVE)).toEqual([]);
});

test.each<readonly [string, Files, string, string]>([
  ['of medium risk', reading('risk: low', 'risk: medium'), READ, '/lane'],
  ['of critical risk', reading('risk: low', 'risk: critical'), READ, '/lane'],
  [
    'with a step',
    reading('data:', 'steps: [{ id: look, target: cluster, do: serviceByName, status: serviceByName }]\ndata:'),
    READ,
    '/steps',
  ],
  [
    'with a fact',
    reading('data:', 'facts: { s: { source: cluster, query: serviceByName, args: { name: /params/service } } }\ndata:'),
    READ,
    '/facts',
  ],
  ['with a budget', reading('data:', 'budget: { per: [team], amount: /params/lines }\ndata:'), READ, '/budget'],
  ['with an envelope', reading('data:', 'envelope: [/facts/s/x]\ndata:'), READ, '/envelope'],
  ['with a grant', reading('data:', 'grantTtl: 1m\ndata:'), READ, '/grantTtl'],
  ['with data that is not there', reading('/limits/read_log', '/limits/read_logs'), READ, '/data/0'],
  ['with an element of a list', reading('/limits/read_log', '/freeze/frozen/0'), READ, '/data/0'],
  ['that names what everyone inherits', reading('/limits/read_log', '/constructor'), READ, '/data/0'],
])('a cooperative action %s is refused, with a remedy', async (_, files, file, path) => {
  expect(await problemsOf(files)).toContainEqual(
    expect.objectContaining({ file, path, message: expect.any(String), remedy: expect.stringMatching(/.{8}/) }),
  );
});

test.each<readonly [string, Files, string]>([
  ['without a step', { ...INFRA, [RESTART]: (INFRA[RESTART] ?? '').replace(/steps:\n.*\n/, '') }, '/steps'],
  ['without an end of its grant', changed(RESTART, 'grantTtl: 1m\n', ''), '/grantTtl'],
  ['with data for agents', changed(RESTART, 'grantTtl: 1m\n', 'grantTtl: 1m\ndata: [/freeze]\n'), '/data'],
])('a brokered action %s is refused', async (_, files, path) => {
  expect(await problemsOf(files)).toContainEqual(expect.objectContaining({ file: RESTART, path }));
});

test('a permit is still refused', async () => {
  expect(await problemsOf(reading('lane: cooperative', 'lane: permit'))).toContainEqual(
    expect.objectContaining({ file: READ, path: '/lane' }),
  );
});
