import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type LedgerEntry } from '../../../demo/reckoning/ledger-entry';
import { readLedger } from '../../../demo/reckoning/read-ledger';
import { summarise, type WitnessSummary } from '../../../demo/reckoning/witness';
import { type WitnessRecord } from '../../../demo/services/witness-book';
import { fetchHistories, type StoredHistory } from '../histories';
import { logDirectory } from '../processes';
import { type Spine } from '../spine';
import { type TargetDatabase } from '../target-database';

/** What the checker needs of a whole system that ran. */
export interface Checked extends Pick<Spine, 'home' | 'database' | 'temporal' | 'services' | 'auditor'> {
  /** Where logins are lent. */
  readonly books?: Pick<TargetDatabase, 'jitRoles'>;
}

/** One action as its row says it: the system's own opinion, which is only ever held against what others saw. */
export interface ActionRow {
  readonly action: string;
  readonly tenant: string;
  readonly agent: string;
  readonly team: string;
  readonly type: string;
  readonly lane: string;
  readonly state: string;
  readonly tasks: number;
  /** Of them, those that still ask what became of an effect. */
  readonly asking: number;
}

export interface BudgetRow {
  readonly budget: string;
  readonly limit: number;
  readonly held: number;
  readonly spent: number;
  /** Of the reservations on it. */
  readonly reservedAsHeld: number;
  readonly reservedAsSpent: number;
}

/** Everything that the invariants compare, gathered once. */
export interface Evidence {
  /** Every call that the targets took or refused, in the order of each one's book. */
  readonly records: readonly WitnessRecord[];
  readonly witness: WitnessSummary;
  readonly entries: readonly LedgerEntry[];
  /** The offline verifier accepts the ledger, and a signed checkpoint covers all of it. */
  readonly verified: boolean;
  readonly histories: readonly StoredHistory[];
  readonly actions: readonly ActionRow[];
  readonly budgets: readonly BudgetRow[];
  /** Tokens that a target would still take, and logins that it would still let in. */
  readonly liveTokens: readonly string[];
  /** Where a secret must not be, and what is there. */
  readonly places: readonly (readonly [place: string, text: string])[];
}

export async function gatherEvidence(system: Checked): Promise<Evidence> {
  const { services, auditor } = system;
  const records = [...services.erp.book.records(), ...services.payments.book.records()];
  const { entries, verified } = await readLedger({
    home: system.home,
    databaseUrl: system.database.auditorUrl,
    tenant: 'demo',
  });
  const histories = await fetchHistories(system);
  const actions = await auditor.query<ActionRow>(
    `select action, tenant, agent, team, type, lane, state,
            (select count(*)::integer from tasks t where t.tenant = a.tenant and t.action = a.action) as tasks,
            (select count(*)::integer from tasks t where (t.tenant, t.action, t.state, t.kind) = (a.tenant, a.action, 'open', 'unknown_outcome')) as asking
     from actions a`,
  );
  const budgets = await auditor.query<BudgetRow>(
    `select budget, limit_minor::float8 as limit, held_minor::float8 as held, spent_minor::float8 as spent,
            coalesce(sum(amount_minor) filter (where state = 'held'), 0)::float8 as "reservedAsHeld",
            coalesce(sum(amount_minor) filter (where state = 'spent'), 0)::float8 as "reservedAsSpent"
     from budgets left join reservations using (tenant, budget, window_start)
     group by tenant, budget, window_start, limit_minor, held_minor, spent_minor`,
  );
  return {
    records,
    witness: summarise(records),
    entries,
    verified,
    histories,
    actions: actions.rows,
    budgets: budgets.rows,
    liveTokens: [
      ...(await services.erp.gate.liveTokens()),
      ...(await services.payments.gate.liveTokens()),
      ...((await system.books?.jitRoles()) ?? []),
    ],
    places: placesOf(entries, histories),
  };
}

/** Decoded histories are searched too, for encryption must not be what hides a secret from a test. */
function placesOf(entries: readonly LedgerEntry[], histories: readonly StoredHistory[]): Evidence['places'] {
  return [
    ['the ledger', JSON.stringify(entries)],
    ...histories.map(({ workflowId, raw, decoded }) => [`the history of ${workflowId}`, raw + decoded] as const),
    ...filesIn(logDirectory()).map((path) => [path, readFileSync(path, 'utf8')] as const),
  ];
}

function filesIn(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}
