import fc from 'fast-check';
import { type Finding } from '../../domain/decision';
import { type Json } from '../../domain/json';
import { type Pdp } from '../../pdp/create-pdp';
import { INFRA, pdpOf } from '../bundle/policy-directory';
import { decisionInput } from './decision-input';

/** Packs that say whatever the test tells them to, so that the fold itself is what is tested, through the compiled policy. */
const PARROTS = {
  ...INFRA,
  'packs/org/restarts.rego': 'package packs.org.restarts\n\nfindings contains found if some found in input.facts.org\n',
  'packs/org/deep/er/more.rego':
    'package packs.org.deep.er.more\n\nfindings contains found if some found in input.facts.deep\n',
  'packs/org/restarts_test.rego': 'package packs.org.restarts_test\n',
  'packs/team/fin-ops/a.rego':
    'package packs.team["fin-ops"].a\n\nfindings contains found if some found in input.facts.team\n',
  'packs/team/fin-ops/b/b.rego':
    'package packs.team["fin-ops"].b\n\nfindings contains found if some found in input.facts.b\n',
  'packs/team/sales/a.rego':
    'package packs.team.sales.a\n\nfindings contains found if some found in input.facts.sales\n',
  'chains/second.yaml':
    'kind: ApprovalChain\nid: second\ndecideWithin: 1h\nvalidFor: 5m\nstages: [{ from: [group:sre] }]\n',
};

const allow: Finding = { code: 'org.yes', effect: 'allow' };
const deny: Finding = { code: 'org.no', effect: 'deny', message: 'No.', remedy: 'Ask.' };
const onCall: Finding = { code: 'org.big', effect: 'approval', chain: 'on-call', message: 'Big.' };
const second: Finding = { code: 'org.odd', effect: 'approval', chain: 'second', message: 'Odd.' };

type Layers = Partial<Record<'org' | 'deep' | 'team' | 'b' | 'sales', readonly Json[]>>;

let pdp: Pdp;

beforeAll(async () => {
  pdp = await pdpOf(PARROTS);
});

const decide = (layers: Layers) =>
  pdp.decide(decisionInput({ type: 'infra.restart_service', team: 'fin-ops', facts: layers }));

const asJson = (findings: readonly Finding[]): Json[] => findings.map((finding) => ({ ...finding }));

describe('golden cases, through the compiled policy', () => {
  const cases: readonly (readonly [
    name: string,
    layers: Record<string, readonly Finding[]>,
    effect: string,
    codes: readonly string[],
    chains: readonly string[],
  ])[] = [
    ['nothing said is a deny', {}, 'deny', ['policy.no_allow'], []],
    ['an allow allows', { org: [allow] }, 'allow', ['org.yes'], []],
    ['an allow from a package further down allows', { deep: [allow] }, 'allow', ['org.yes'], []],
    ['a deny beats an allow', { org: [allow], deep: [deny] }, 'deny', ['org.yes', 'org.no'], []],
    ['a deny leaves no chain to ask', { org: [allow, deny, onCall] }, 'deny', ['org.yes', 'org.big', 'org.no'], []],
    ['an approval alone allows nothing', { org: [onCall] }, 'deny', ['org.big', 'policy.no_allow'], []],
    [
      'every chain is asked',
      { org: [allow, onCall], deep: [second] },
      'require_approval',
      ['org.yes', 'org.big', 'org.odd'],
      ['on-call', 'second'],
    ],
    [
      'one chain is asked once',
      { org: [allow, onCall, { ...onCall, code: 'org.other' }] },
      'require_approval',
      ['org.yes', 'org.big', 'org.other'],
      ['on-call'],
    ],
    ['a team adds a demand', { org: [allow], team: [onCall] }, 'require_approval', ['org.yes', 'org.big'], ['on-call']],
    ['each pack of the team counts', { org: [allow], b: [deny] }, 'deny', ['org.yes', 'org.no'], []],
    ["another team's pack does not", { org: [allow], sales: [deny] }, 'allow', ['org.yes'], []],
    ['a team cannot allow', { team: [allow] }, 'deny', ['policy.no_allow', 'policy.team_allow'], []],
    [
      'a team that tries to allow is refused',
      { org: [allow], team: [{ ...allow, code: 'team.yes' }] },
      'deny',
      ['org.yes', 'policy.team_allow'],
      [],
    ],
  ];

  it.each(cases)('%s', (_, layers, effect, codes, chains) => {
    const decision = decide(
      Object.fromEntries(Object.entries(layers).map(([layer, findings]) => [layer, asJson(findings)])),
    );
    expect(decision.findings.map(({ code }) => code).sort()).toEqual([...codes].sort());
    expect(decision).toMatchObject({ effect, chains });
  });
});

const finding: fc.Arbitrary<Finding> = fc.oneof(
  fc.record({ code: fc.constantFrom('a.one', 'a.two'), effect: fc.constant('allow' as const) }),
  fc.record({
    code: fc.constantFrom('d.one', 'd.two'),
    effect: fc.constant('deny' as const),
    message: fc.constant('No.'),
    remedy: fc.constant('Ask.'),
  }),
  fc.record({
    code: fc.constantFrom('p.one', 'p.two'),
    effect: fc.constant('approval' as const),
    chain: fc.constantFrom('on-call', 'second'),
    message: fc.constant('Big.'),
  }),
);
const findings = fc.array(finding, { maxLength: 6 });

const STRICTNESS = { allow: 0, require_approval: 1, deny: 2 } as const;

describe('properties', () => {
  it('X33 the order of findings, and which pack says them, changes nothing', () => {
    const dealt = fc.tuple(findings, findings).chain(([org, team]) => {
      const shuffled = (given: readonly Finding[]) => fc.shuffledSubarray([...given], { minLength: given.length });
      const cut = (given: readonly Finding[]) => fc.nat(given.length);
      return fc.tuple(fc.constant({ org, team }), shuffled(org), cut(org), shuffled(team), cut(team));
    });
    fc.assert(
      fc.property(dealt, ([{ org, team }, orgs, orgCut, teams, teamCut]) => {
        const straight = decide({ org: asJson(org), team: asJson(team) });
        const permuted = decide({
          ...{ org: asJson(orgs.slice(0, orgCut)), deep: asJson(orgs.slice(orgCut)) },
          ...{ b: asJson(teams.slice(0, teamCut)), team: asJson(teams.slice(teamCut)) },
        });
        expect(permuted).toEqual(straight);
      }),
    );
  });

  it('X32 a team can only tighten', () => {
    fc.assert(
      fc.property(findings, findings, (org, team) => {
        const without = decide({ org: asJson(org) });
        const within = decide({ org: asJson(org), team: asJson(team) });
        expect(STRICTNESS[within.effect]).toBeGreaterThanOrEqual(STRICTNESS[without.effect]);
        if (within.effect !== 'deny') expect(within.chains).toEqual(expect.arrayContaining([...without.chains]));
      }),
    );
  });

  it('whatever the packs say, the answer is a decision, and only findings as we know them let anything pass', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { minLength: 1, maxLength: 4 }), (garbage) => {
        const decision = decide({ org: [...asJson([allow]), ...(garbage as Json[])] });
        expect(decision.effect).toBe('deny');
      }),
    );
  });
});

describe('X29 findings that are none', () => {
  const cases: readonly (readonly [name: string, found: Json, code: string])[] = [
    ['another effect', { code: 'x', effect: 'Allow' }, 'policy_error:wrong_shape'],
    ['allow that is merely truthy', { code: 'x', effect: true }, 'policy_error:wrong_shape'],
    ['an allow that carries more', { code: 'x', effect: 'allow', message: 'm' }, 'policy_error:wrong_shape'],
    ['a deny without words', { code: 'x', effect: 'deny' }, 'policy_error:wrong_shape'],
    ['an approval without a chain', { code: 'x', effect: 'approval', message: 'm' }, 'policy_error:wrong_shape'],
    [
      'a chain that is no name',
      { code: 'x', effect: 'approval', message: 'm', chain: ['on-call'] },
      'policy_error:wrong_shape',
    ],
    [
      'a chain that does not exist',
      { code: 'x', effect: 'approval', message: 'm', chain: 'nobody' },
      'policy_error:unknown_chain',
    ],
    [
      'a chain named like a method',
      { code: 'x', effect: 'approval', message: 'm', chain: 'constructor' },
      'policy_error:unknown_chain',
    ],
    ['a reserved code', { code: 'policy_error:mine', effect: 'allow' }, 'policy_error:reserved'],
    ['a code that is no text', { code: 1, effect: 'allow' }, 'policy_error:wrong_shape'],
    ['no object at all', 'allow', 'policy_error:wrong_shape'],
    ['null', null, 'policy_error:wrong_shape'],
  ];

  it.each(cases)('%s is a deny', (_, found, code) => {
    const decision = decide({ org: [...asJson([allow]), found] });
    expect(decision).toMatchObject({ effect: 'deny', chains: [], findings: [{ code, effect: 'deny' }] });
  });

  it('hundreds of findings are a deny', () => {
    const many = Array.from({ length: 300 }, (_, index) => ({ code: `a.${String(index)}`, effect: 'allow' }));
    expect(decide({ org: many }).findings).toMatchObject([{ code: 'policy_error:wrong_shape' }]);
  });
});
