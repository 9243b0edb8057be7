import { addFuel } from '../../bundle/rego/add-fuel';
import { type DecisionInput } from '../../domain/decision';
import { type JsonObject } from '../../domain/json';
import { createPdp, type Pdp } from '../../pdp/create-pdp';
import { openBundle, type OpenBundle } from '../../pdp/open-bundle';
import { build, type Files, INFRA, keys, pdpOf } from '../bundle/policy-directory';
import { compileRule } from './compile-rule';
import { decisionInput } from './decision-input';

const HEAD = 'package packs.org.restarts\n\nimport data.countersign.finding\n\n';

const withPack = (rego: string): Files => ({
  ...INFRA,
  'packs/org/restarts.rego': `${HEAD}${rego}`,
  'packs/org/restarts_test.rego': 'package packs.org.restarts_test\n',
});

const input = (params: JsonObject = { service: 'web', replicas: 1 }): DecisionInput =>
  decisionInput({ type: 'infra.restart_service', roles: ['sre'], params });

let good: OpenBundle;

beforeAll(async () => {
  good = openBundle(JSON.stringify(await build(INFRA)), keys.publicKeyPem);
});

const pdpWith = async (decision: string): Promise<Pdp> =>
  createPdp({ ...good, wasm: new Uint8Array(await addFuel(await compileRule(decision))) });

const denied = (code: string) => ({
  effect: 'deny',
  chains: [],
  bundleDigest: good.digest,
  findings: [{ code: `policy_error:${code}`, effect: 'deny' }],
});

it('the policy that all of this is compared with allows', async () => {
  expect((await createPdp(good)).decide(input())).toMatchObject({ effect: 'allow', bundleDigest: good.digest });
});

describe('X29 a decision rule that gives no decision is a deny', () => {
  const cases: readonly (readonly [name: string, rule: string, code: string])[] = [
    ['undefined', 'result := "x" if input.nowhere', 'undefined'],
    ['true', 'result := true', 'wrong_shape'],
    ['"allow"', 'result := "allow"', 'wrong_shape'],
    ['null', 'result := null', 'wrong_shape'],
    ['an allow without findings', 'result := {"effect": "allow", "findings": [], "chains": []}', 'wrong_shape'],
    [
      'an allow that is merely truthy',
      'result := {"effect": 1, "findings": [{"code": "a", "effect": "allow"}], "chains": []}',
      'wrong_shape',
    ],
    [
      'an allow beside a deny',
      'result := {"effect": "allow", "findings": [{"code": "a", "effect": "allow"}, {"code": "b", "effect": "deny", "message": "m", "remedy": "r"}], "chains": []}',
      'wrong_shape',
    ],
    [
      'an approval that forgets its chain',
      'result := {"effect": "allow", "findings": [{"code": "a", "effect": "allow"}, {"code": "b", "effect": "approval", "message": "m", "chain": "on-call"}], "chains": []}',
      'wrong_shape',
    ],
    [
      'more than a decision',
      'result := {"effect": "allow", "findings": [{"code": "a", "effect": "allow"}], "chains": [], "extra": 1}',
      'wrong_shape',
    ],
    [
      'an effect we do not know',
      'result := {"effect": "maybe", "findings": [{"code": "a", "effect": "allow"}], "chains": []}',
      'wrong_shape',
    ],
    ['two answers at once', 'result := 1 if input.tenant\nresult := 2 if input.time', 'aborted'],
    ['a function that the evaluator lacks', 'result := crypto.sha256("x")', 'missing_builtin'],
  ];

  it.each(cases)('%s', async (_, rule, code) => {
    expect((await pdpWith(rule)).decide(input())).toMatchObject(denied(code));
  });
});

describe('X29 X39 a policy that does not come to an end is stopped', () => {
  const CUBIC_JOIN =
    'findings contains finding.allow("x") if {\n\tn := numbers.range(1, 3000)\n\tcount([1 | some i in n; some j in n; some k in n; i + j + k == -1]) == 0\n}\n';
  const doubling = Array.from(
    { length: 40 },
    (_, i) => `f${String(i)}(x) := f${String(i + 1)}(x + 1) + f${String(i + 1)}(x + 2)\n`,
  ).join('\n');
  const cases: readonly (readonly [name: string, rule: string])[] = [
    ['a cubic join', CUBIC_JOIN],
    [
      'functions that call each other twice, without a loop',
      `${doubling}\nf40(x) := x\n\nfindings contains finding.allow("x") if f0(input.action.params.replicas) > 0\n`,
    ],
    [
      'text that grows',
      'findings contains finding.allow("x") if {\n\tn := numbers.range(1, 5000)\n\tcount(concat("", [s | some i in n; some j in n; s := format_int(i * j, 10)])) == 0\n}\n',
    ],
  ];

  /** Asks twice, and returns the least of what a question took of the processor: of this process alone, whatever else the machine does. */
  async function costOf(rule: string): Promise<number> {
    const pdp = await pdpOf(withPack(rule));
    const costs = [1, 2].map(() => {
      const before = process.cpuUsage();
      const decision = pdp.decide(input());
      const { user, system } = process.cpuUsage(before);
      expect(decision.effect).toBe('deny');
      expect(decision.findings[0]?.code).toMatch(/^policy_error:(out_of_fuel|aborted)$/);
      return user + system;
    });
    return Math.min(...costs);
  }

  it.each(cases)('%s', async (_, rule) => {
    // A ratio of two costs of this run: what a step costs is the machine's affair, that no step costs a multiple is ours.
    expect((await costOf(rule)) / (await costOf(CUBIC_JOIN))).toBeLessThan(20);
  });

  it('one question that kills the policy does not spoil the next', async () => {
    const pdp = await pdpOf(
      withPack(
        'findings contains finding.allow("x") if {\n\tn := numbers.range(1, input.action.params.replicas)\n\tcount([1 | some i in n; some j in n; some k in n; i + j + k == -1]) == 0\n}\n',
      ),
    );
    const small = pdp.decide(input({ replicas: 3 }));
    expect(small.effect).toBe('allow');
    expect(pdp.decide(input({ replicas: 5_000 })).findings[0]?.code).toBe('policy_error:out_of_fuel');
    expect(pdp.decide(input({ replicas: 3 }))).toEqual(small);
  });

  it('X39 a policy without a meter is not started', async () => {
    const wasm = await compileRule('result := true');
    await expect(createPdp({ ...good, wasm })).rejects.toMatchObject({ refusal: 'policy' });
  });

  it('nor is one that is no WebAssembly', async () => {
    await expect(createPdp({ ...good, wasm: good.wasm.slice(0, 1000) })).rejects.toMatchObject({ refusal: 'policy' });
  });
});

describe('X29 a question that cannot be put is a deny', () => {
  let pdp: Pdp;
  beforeAll(async () => {
    pdp = await createPdp(good);
  });

  it.each([
    ['infinity, as some parsers read 1e999', Infinity],
    ['NaN', Number.NaN],
    ['undefined', undefined],
    ['a function', () => 1],
    ['a bigint', 1n],
    ['a date', new Date()],
  ])('%s', (_, value) => {
    expect(pdp.decide(input({ service: 'web', replicas: value as never }))).toMatchObject(denied('invalid_input'));
  });

  it.each([
    'Infra.restart_service',
    'infra.restart_service ',
    'infra.restart_service\u200b',
    'ｉnfra.restart_service',
    '__proto__',
    'constructor',
    '',
  ])('an action type that is not exactly one of ours: %j', (type) => {
    expect(pdp.decide(decisionInput({ type, roles: ['sre'] }))).toMatchObject(denied('unknown_action_type'));
  });
});

describe('what cannot be undone', () => {
  const irreversible = (rule: string): Files => {
    const actionType = INFRA['action-types/restart.yaml'] ?? '';
    const changed = actionType.replace('effect: reversible', 'effect: irreversible').replace('undo: rollBack, ', '');
    return { ...withPack(rule), 'action-types/restart.yaml': changed };
  };
  const one = {
    'chains/one.yaml':
      'kind: ApprovalChain\nid: one\ndecideWithin: 1h\nvalidFor: 5m\nstages: [{ from: [group:sre] }]\n',
  };

  it.each([
    ['nobody', 'findings contains finding.allow("x")\n'],
    ['one person', 'findings contains finding.allow("x")\n\nfindings contains finding.approval("y", "one", "m")\n'],
  ])('is denied when the policy asks %s', async (_, rule) => {
    const pdp = await pdpOf({ ...irreversible(rule), ...one });
    expect(pdp.decide(input()).findings).toMatchObject([{ code: 'policy_error:irreversible_needs_two' }]);
  });

  it('may be asked of two', async () => {
    const pdp = await pdpOf(
      irreversible('findings contains finding.allow("x")\n\nfindings contains finding.approval("y", "on-call", "m")\n'),
    );
    expect(pdp.decide(input())).toMatchObject({ effect: 'require_approval', chains: ['on-call'] });
  });
});

it('X29 a `findings` that is no set decides nothing', async () => {
  const pdp = await pdpOf({
    ...INFRA,
    'packs/org/forgot.rego': 'package packs.org.forgot\n\nfindings := input.agent.roles\n',
  });
  expect(pdp.decide(input()).findings).toMatchObject([{ code: 'policy_error:wrong_shape' }]);
});
