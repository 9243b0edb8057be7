import { type TouchingDeps } from '../../activities/deps';
import * as queries from '../../db/queries';
import { readAsTenant } from '../../db/read-as-tenant';
import { withTenant } from '../../db/with-tenant';
import { type Decision } from '../../domain/decision';
import { type ActionType, type Catalogue, type Step, type Target } from '../../domain/documents';
import { type JsonObject } from '../../domain/json';
import { type Pdp } from '../../pdp/create-pdp';
import { type Announce, weaveExternal, weaveFacts, weaveLedger, weaveTransaction } from '../faults/weave';
import { FakeTarget } from './fake-target';
import { BUNDLE, chain, TYPE, ENVELOPE } from './seed';
import { type World } from './world';

const step = (id: string): Step => ({
  id,
  target: 'bank',
  do: `${id}It`,
  undo: `un${id}It`,
  status: `${id}ByKey`,
  verify: { '/amountMinor': '/params/amountMinor' },
});

/** One step, countersigned or not as the scripted policy says; the vendor's IBAN must not change on the way. */
export const ACTION_TYPE: ActionType = {
  ...{
    id: TYPE.id,
    version: TYPE.version,
    owner: 'team:finance',
    risk: 'high',
    effect: 'compensable',
    lane: 'brokered',
  },
  params: {},
  facts: { vendor: { source: 'bank', query: 'vendorById', args: {}, missing: 'deny' } },
  envelope: ENVELOPE,
  budget: { per: ['team', 'currency'], amount: '/params/amountMinor' },
  steps: [step('pay')],
  grantTtlMs: 30_000,
  card: { headline: '', fields: {} },
};

/** The same in two steps. */
export const TWO_STEPS: ActionType = { ...ACTION_TYPE, id: 'pay.booked', steps: [step('book'), step('pay')] };

const BANK: Target = {
  ...{ id: 'bank', provider: 'http', address: 'http://bank.invalid', operations: {} },
  token: { audience: 'bank' },
  limits: { timeoutMs: 1, responseBytes: 1 },
};

/** Activities' dependencies: the real database and ledger, a scripted policy and a scripted target. */
export interface Workshop {
  readonly deps: TouchingDeps;
  readonly target: FakeTarget;
  readonly policy: {
    decision: Omit<Decision, 'bundleDigest'>;
    bundleDigest: string;
    catalogue: Catalogue;
    asked: number;
  };
  /** The fault point at which the next run dies, once. */
  dieAt: string | undefined;
  /** Catalogues of bundles that were in force before, by digest. */
  readonly earlier: Record<string, Catalogue>;
  /** Points that were passed, in order. */
  readonly passed: string[];
  /** What `monotonicMs` grows by at each look. */
  tickMs: number;
}

export const ALLOW = { effect: 'allow', findings: [{ code: 'ok', effect: 'allow' }], chains: [] } as const;
export const DENY = {
  effect: 'deny',
  findings: [{ code: 'too_much', effect: 'deny', message: 'It is too much.', remedy: 'Ask for less.' }],
  chains: [],
} as const;
export const ask = (...chains: string[]): Omit<Decision, 'bundleDigest'> => ({
  effect: 'require_approval',
  findings: [],
  chains,
});

export function createWorkshop(world: World): Workshop {
  const target = new FakeTarget();
  const chains = Object.fromEntries(
    [chain('finance', 1), chain('finance', 2), chain('directors', 1), chain('nobody', 1)].map((each) => [
      each.id,
      each,
    ]),
  );
  const limits = { window: 'P1D', limits: { finance: { EUR: 1_000 } } };
  const announce: Announce = async (point) => {
    workshop.passed.push(point);
    if (workshop.dieAt !== point) return;
    workshop.dieAt = undefined;
    throw new Error(`died at ${point}`);
  };
  const workshop: Workshop = {
    target,
    policy: {
      decision: ALLOW,
      bundleDigest: BUNDLE.digest,
      asked: 0,
      catalogue: {
        actionTypes: { [ACTION_TYPE.id]: ACTION_TYPE, [TWO_STEPS.id]: TWO_STEPS },
        targets: { bank: BANK },
        chains,
        data: { budgets: { [ACTION_TYPE.id]: limits, [TWO_STEPS.id]: limits } },
      },
    },
    earlier: {},
    dieAt: undefined,
    passed: [],
    tickMs: 0,
    deps: {
      db: {
        ...queries,
        readAsTenant: (tenant, work) => readAsTenant(world.worker, tenant, work),
        withTenant: (tenant, work) =>
          weaveTransaction(announce, (woven) => withTenant(world.worker, tenant, woven), work),
      },
      ledger: weaveLedger(world.ledger, announce),
      pdp: () => pdpOf(workshop.policy),
      catalogueOf: (digest) => Promise.resolve(workshop.earlier[digest]),
      providers: { http: weaveExternal(target, announce), postgres: weaveExternal(target, announce) },
      facts: weaveFacts(target, announce),
      pause: async (ms) => void target.log.push(`pause ${String(Math.round(ms / 1_000))}`),
      monotonicMs: createClock(() => workshop.tickMs),
    },
  };
  return workshop;
}

function pdpOf(policy: Workshop['policy']): Pdp {
  const { bundleDigest, catalogue } = policy;
  return {
    bundle: { digest: bundleDigest, version: 1 },
    catalogue,
    decide: () => {
      policy.asked++;
      return { ...policy.decision, bundleDigest };
    },
    validateParams: (type, params) => {
      const actionType = catalogue.actionTypes[type] ?? ACTION_TYPE;
      return { ok: true, actionType, params: params as JsonObject };
    },
  };
}

function createClock(tickMs: () => number): () => number {
  let now = 0;
  return () => (now += tickMs());
}
