import { type Decision, type DecisionInput } from '../../domain/decision';
import { type ActionType } from '../../domain/documents';
import { denial } from '../../domain/judge-input';
import { digestOf } from '../../evidence/digest-of';
import {
  type RecordedJudgement,
  recheckDecision,
  type StoredJudgement,
  type StoredPoint,
} from '../../evidence/recheck-decision';

const BUNDLE = `sha256:${'b'.repeat(64)}`;
const FACT = { source: 'registry', query: 'boxById', args: {}, missing: 'deny' } as const;
const TYPE = { id: 'floor.move', version: 3, facts: { box: FACT } } as unknown as ActionType;
const ALLOW: Decision = {
  effect: 'allow',
  findings: [{ code: 'ok', effect: 'allow' }],
  chains: [],
  bundleDigest: BUNDLE,
};

const INPUT: DecisionInput = {
  tenant: 'acme',
  environment: 'test',
  time: '2026-03-02T09:30:00.000Z',
  agent: { id: 'a', generation: 1, version: '1', owner: 'olga', team: 'floor', roles: [], state: 'active' },
  action: { type: TYPE.id, version: 3, risk: 'high', effect: 'compensable', lane: 'brokered', params: { box: 'b-1' } },
  facts: { box: { shelf: 's-3' } },
  claimed: {},
};

const point = (says: Decision = ALLOW): StoredPoint => ({
  bundle: { digest: BUNDLE },
  catalogue: { actionTypes: { [TYPE.id]: TYPE }, chains: {}, data: {} },
  decide: () => says,
});
const digestIn = (input: DecisionInput): string => digestOf('decision', JSON.parse(JSON.stringify(input)) as never);
const stored = (decision: Decision = ALLOW, input = INPUT): StoredJudgement => ({
  ...decision,
  input,
  inputDigest: digestIn(input),
});
const recorded = ({ effect, chains, findings, bundleDigest, inputDigest }: StoredJudgement): RecordedJudgement => ({
  entry: { effect, chains, bundleDigest, codes: findings.map(({ code }) => code).sort() },
  body: { kind: 'said', value: { inputDigest } },
});
const differences = (row: StoredJudgement, ledger = recorded(row), at = point()): readonly string[] =>
  recheckDecision(row, at, ledger).differences;

it('is the same decision where nothing was touched, whatever order a database keeps members in', () => {
  expect(differences(stored())).toEqual([]);
  const shuffled = { ...stored(), findings: [{ effect: 'allow', code: 'ok' }] } as const;
  expect(differences(shuffled)).toEqual([]);
});

it.each<[string, Partial<DecisionInput>, 'agent_not_active' | 'fact_missing' | 'policy_changed']>([
  ['an agent that was not active', { agent: { ...INPUT.agent, state: 'quarantined' } }, 'agent_not_active'],
  ['a fact that was missing', { facts: { box: null } }, 'fact_missing'],
  ['a type that was changed', { action: { ...INPUT.action, version: 2 } }, 'policy_changed'],
])('makes our own denial again: %s', (_, change, code) => {
  const input = { ...INPUT, ...change };
  expect(differences(stored(denial(point(), code), input))).toEqual([]);
  expect(differences(stored(ALLOW, input))).toEqual([expect.stringContaining('the decision: ')]);
});

it.each(['scope_fenced', 'budget_unknown', 'budget_exhausted', 'approval_unsatisfiable'] as const)(
  'holds a denial by what stood in Postgres then against the ledger alone: %s',
  (code) => {
    const row = stored(denial(point(), code));
    expect(differences(row)).toEqual([]);
    // A yes that was turned into that no afterwards, or the other way round.
    expect(differences(row, recorded(stored()))).toHaveLength(2);
    expect(differences(stored(), recorded(row))).toHaveLength(2);
  },
);

it('finds each thing that differs', () => {
  const row = stored();
  expect(differences({ ...row, inputDigest: BUNDLE }, recorded(row))).toEqual([
    expect.stringContaining('the digest of the stored input'),
    expect.stringContaining('the input digest in the ledger'),
  ]);
  expect(differences({ ...row, input: { ...INPUT, tenant: 'rival' } })).toEqual([
    expect.stringContaining('the digest of the stored input'),
  ]);
  expect(differences({ ...row, bundleDigest: 'sha256:00' }, recorded(row))).toEqual([
    expect.stringContaining('the bundle: '),
    expect.stringContaining('the decision: '),
    expect.stringContaining('bundleDigest in the ledger'),
  ]);
  expect(differences(row, { entry: {}, body: { kind: 'erased' } })).toHaveLength(4);
  expect(recheckDecision(row, point(), undefined)).toEqual({ again: ALLOW, differences: [] });
});
