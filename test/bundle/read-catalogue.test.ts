import { changed, type Files, INFRA, problemsOf } from './policy-directory';

const RESTART = 'action-types/restart.yaml';
const CLUSTER = 'targets/cluster.json';
const ON_CALL = 'chains/on-call.yml';

it('nothing is wrong with the directory that all of this is compared with', async () => {
  expect(await problemsOf(INFRA)).toEqual([]);
});

describe('each mistake is found, with its place', () => {
  const cases: readonly (readonly [name: string, files: Files, file: string, path: string])[] = [
    ['an unknown field', changed(RESTART, 'lane:', 'lanes: x\nlane:'), RESTART, '/lanes'],
    [
      'an unknown field further in',
      changed(RESTART, 'missing: deny', 'missing: deny, cache: 1'),
      RESTART,
      '/facts/service/cache',
    ],
    [
      'an unknown field of the card',
      changed(RESTART, '{ text: /params/service }', '{ text: /params/service, bold: true }'),
      RESTART,
      '/card/service/bold',
    ],
    ['an unknown kind', changed(ON_CALL, 'ApprovalChain', 'Chain'), ON_CALL, '/kind'],
    ['a kind in lower case', changed(ON_CALL, 'ApprovalChain', 'approvalChain'), ON_CALL, '/kind'],
    ['another apiVersion', changed(RESTART, 'kind:', 'apiVersion: countersign/v2\nkind:'), RESTART, '/apiVersion'],
    ['an id in capitals', changed(RESTART, 'infra.restart_service', 'Infra.restart'), RESTART, '/id'],
    ['a version that is text', changed(RESTART, 'version: 1', "version: '1'"), RESTART, '/version'],
    ['a risk we do not know', changed(RESTART, 'risk: high', 'risk: huge'), RESTART, '/risk'],
    ['a duration without a unit', changed(RESTART, 'grantTtl: 1m', "grantTtl: '60'"), RESTART, '/grantTtl'],
    ['a duration that is a number', changed(RESTART, 'grantTtl: 1m', 'grantTtl: 60'), RESTART, '/grantTtl'],
    ['a grant for ever', changed(RESTART, 'grantTtl: 1m', 'grantTtl: 900d'), RESTART, '/grantTtl'],
    ['a lane that high risk may not use', changed(RESTART, 'lane: brokered', 'lane: permit'), RESTART, '/lane'],
    [
      'a cooperative action with facts',
      changed(
        RESTART,
        'risk: high\neffect: reversible\nlane: brokered',
        'risk: low\neffect: reversible\nlane: cooperative',
      ),
      RESTART,
      '/facts',
    ],
    ['a step without an undo', changed(RESTART, 'undo: rollBack, ', ''), RESTART, '/steps/0'],
    ['a step without a status', changed(RESTART, ', status: restartByKey', ''), RESTART, '/steps/0'],
    [
      'an irreversible action of low risk',
      changed(RESTART, 'risk: high\neffect: reversible', 'risk: low\neffect: irreversible'),
      RESTART,
      '/risk',
    ],
    [
      'an irreversible action that no chain of two covers',
      {
        ...changed(RESTART, 'effect: reversible', 'effect: irreversible'),
        [ON_CALL]: (INFRA[ON_CALL] ?? '').replace('need: 2', 'need: 1'),
      },
      RESTART,
      '/effect',
    ],
    ['a read that changes something', changed(RESTART, 'effect: reversible', 'effect: read'), RESTART, '/steps/0/do'],
    ['an unknown target', changed(RESTART, 'target: cluster', 'target: clutser'), RESTART, '/steps/0/target'],
    ['an unknown operation', changed(RESTART, 'do: restart', 'do: reboot'), RESTART, '/steps/0/do'],
    ['an unknown undo', changed(RESTART, 'undo: rollBack', 'undo: rollback'), RESTART, '/steps/0/undo'],
    [
      'an unknown source of a fact',
      changed(RESTART, 'source: cluster', 'source: nowhere'),
      RESTART,
      '/facts/service/source',
    ],
    [
      'an unknown query',
      changed(RESTART, 'query: serviceByName', 'query: serviceById'),
      RESTART,
      '/facts/service/query',
    ],
    [
      'a fact that is not given what it needs',
      changed(RESTART, 'args: { name: /params/service }', 'args: {}'),
      RESTART,
      '/facts/service/args',
    ],
    [
      'a fact that is given more',
      changed(RESTART, 'name: /params/service', 'name: /params/service, id: /params/service'),
      RESTART,
      '/facts/service/args/id',
    ],
    [
      'a fact from an undeclared parameter',
      changed(RESTART, 'name: /params/service', 'name: /params/servce'),
      RESTART,
      '/facts/service/args/name',
    ],
    [
      'a fact from another fact',
      changed(RESTART, 'name: /params/service', 'name: /facts/service/name'),
      RESTART,
      '/facts/service/args/name',
    ],
    [
      'an envelope of parameters',
      changed(RESTART, 'steps:', 'envelope: [/params/service]\nsteps:'),
      RESTART,
      '/envelope/0',
    ],
    [
      'an envelope of an undeclared fact',
      changed(RESTART, 'steps:', 'envelope: [/facts/host/ip]\nsteps:'),
      RESTART,
      '/envelope/0',
    ],
    [
      'a pointer to a parameter that may be absent',
      changed(RESTART, 'required: [service, replicas]', 'required: [service]'),
      RESTART,
      '/steps/0/do',
    ],
    [
      'a card that shows nothing',
      changed(RESTART, 'text: /params/service', 'text: /params/host'),
      RESTART,
      '/card/service',
    ],
    [
      'a headline that names no field',
      changed(RESTART, 'Restart {service}', 'Restart {host}'),
      RESTART,
      '/card/headline',
    ],
    [
      'a verification of nothing',
      changed(RESTART, 'undo: rollBack', 'verify: { /replicas: /params/replica }, undo: rollBack'),
      RESTART,
      '/steps/0/verify/replicas',
    ],
    [
      'a budget of no integer',
      changed(RESTART, 'steps:', 'budget: { per: [team], amount: /params/service }\nsteps:'),
      RESTART,
      '/budget/amount',
    ],
    [
      'a budget by currency without one',
      changed(RESTART, 'steps:', 'budget: { per: [currency], amount: /params/replicas }\nsteps:'),
      RESTART,
      '/budget/currency',
    ],
    [
      'an amount that may be negative',
      changed(
        RESTART,
        'minimum: 1, maximum: 50 }',
        'minimum: -1, maximum: 50 }\nbudget: { per: [team], amount: /params/replicas }',
      ),
      RESTART,
      '/budget/amount',
    ],
    [
      'a limit for an unknown action',
      { ...INFRA, 'data/budgets.yaml': 'infra.other: {}' },
      'data/budgets.yaml',
      '/infra.other',
    ],
    [
      'a limit for an action without a budget',
      { ...INFRA, 'data/budgets.yaml': 'infra.restart_service: {}' },
      'data/budgets.yaml',
      '/infra.restart_service',
    ],
    ['two documents with one id', { ...INFRA, 'chains/other.yaml': INFRA[ON_CALL] ?? '' }, 'chains/other.yaml', '/id'],
    ['a stage that needs nobody', changed(ON_CALL, 'need: 2', 'need: 0'), ON_CALL, '/stages/0/need'],
    ['a stage that asks nobody', changed(ON_CALL, '[group:sre]', '[]'), ON_CALL, '/stages/0/from'],
    [
      'a stage that asks a group twice',
      changed(ON_CALL, '[group:sre]', '[group:sre, group:sre]'),
      ON_CALL,
      '/stages/0/from',
    ],
    ['a stage that asks a person', changed(ON_CALL, 'group:sre', 'alice'), ON_CALL, '/stages/0/from/0'],
    ['a reminder after the end', changed(ON_CALL, 'need: 2', 'need: 2, remind: [10m]'), ON_CALL, '/stages/0/remind'],
    [
      'an escalation after the end',
      changed(ON_CALL, 'need: 2', 'need: 2, escalate: { after: 1h, to: [group:leads] }'),
      ON_CALL,
      '/stages/0/escalate/after',
    ],
    [
      'a chain that proves more than we know',
      changed(ON_CALL, 'need: 2', 'need: 2, assurance: passkey'),
      ON_CALL,
      '/stages/0/assurance',
    ],
    [
      'a chain without stages',
      changed(ON_CALL, 'stages:\n  - { from: [group:sre], need: 2 }', 'stages: []'),
      ON_CALL,
      '/stages',
    ],
    [
      'an address that is a file',
      changed(CLUSTER, 'https://cluster.internal.example', 'file:///etc/passwd'),
      CLUSTER,
      '/address',
    ],
    [
      'an address with a password',
      changed(CLUSTER, 'https://cluster', 'https://user:secret@cluster'),
      CLUSTER,
      '/address',
    ],
    ['another provider', changed(CLUSTER, '"provider":"http"', '"provider":"ftp"'), CLUSTER, '/provider'],
    [
      'a path that steps out',
      changed(CLUSTER, '/services/{service}/restarts', '/services/../admin'),
      CLUSTER,
      '/operations/restart/path',
    ],
    [
      'a path with a query',
      changed(CLUSTER, '"/restarts",', '"/restarts?all=1",'),
      CLUSTER,
      '/operations/restartByKey/path',
    ],
    [
      'a GET with a body',
      changed(CLUSTER, '"query":{"key":"/key"}', '"body":{"key":"/key"}'),
      CLUSTER,
      '/operations/restartByKey/body',
    ],
    [
      'an argument that is no placeholder',
      changed(CLUSTER, '{"id":"/steps/restart/id"}', '{"id":"/steps/restart/id","x":"/key"}'),
      CLUSTER,
      '/operations/rollBack/args/x',
    ],
    [
      'a placeholder that is never filled',
      changed(CLUSTER, '{"id":"/steps/restart/id"}', '{}'),
      RESTART,
      '/steps/0/undo',
    ],
    [
      'an effect that needs its own result',
      changed(CLUSTER, '{"replicas":"/params/replicas"}', '{"replicas":"/steps/restart/id"}'),
      RESTART,
      '/steps/0/do',
    ],
    [
      'a grant outside of a revocation',
      changed(CLUSTER, '"/params/replicas"', '"/grant"'),
      CLUSTER,
      '/operations/restart',
    ],
    [
      'a revocation that does not exist',
      changed(CLUSTER, '"audience":"cluster"', '"audience":"cluster","revoke":"gone"'),
      CLUSTER,
      '/token/revoke',
    ],
    [
      'a revocation that does not say what',
      changed(CLUSTER, '"audience":"cluster"', '"audience":"cluster","revoke":"rollBack"'),
      CLUSTER,
      '/operations/rollBack',
    ],
    ['data under a name that policies use', { ...INFRA, 'data/packs.yaml': 'org: {}' }, 'data/packs.yaml', ''],
    ['data said twice', { ...INFRA, 'data/freeze.json': '{"frozen": []}' }, 'data/freeze.yaml', ''],
    ['a file that is nothing', { ...INFRA, 'run.sh': 'rm -rf /' }, 'run.sh', ''],
    ['Rego outside packs', { ...INFRA, 'extra.rego': 'package packs.org.extra' }, 'extra.rego', ''],
  ];

  it.each(cases)('%s', async (_, files, file, path) => {
    const problems = await problemsOf(files);
    const found = problems.filter((problem) => problem.file === file);
    expect(found.map((problem) => problem.path)).toContain(path);
    for (const { message, remedy } of problems) {
      expect(message).toMatch(/\.$/);
      expect(remedy).toMatch(/^[A-Z].*[.…}_-]$/s);
    }
  });
});

it('says everything at once', async () => {
  const files = {
    ...changed(RESTART, 'lane: brokered', 'lane: permit\ncolour: red'),
    [ON_CALL]: (INFRA[ON_CALL] ?? '').replace('need: 2', 'need: 0').replace('10m', 'soon'),
    [CLUSTER]: (INFRA[CLUSTER] ?? '').replace('https://', 'ftp://'),
    'broken.yaml': 'a: [1',
  };
  expect(new Set((await problemsOf(files)).map(({ file, path }) => `${file} ${path}`))).toEqual(
    new Set([
      `${RESTART} /colour`,
      `${ON_CALL} /stages/0/need`,
      `${ON_CALL} /decideWithin`,
      `${CLUSTER} /address`,
      'broken.yaml line 1',
    ]),
  );
});
