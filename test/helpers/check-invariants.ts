import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isAuthorised } from '../../demo/reckoning/authorisation';
import { type LedgerEntry } from '../../demo/reckoning/ledger-entry';
import { readLedger } from '../../demo/reckoning/read-ledger';
import { type WitnessRecord } from '../../demo/services/witness-book';
import { summarise, type WitnessSummary } from '../../demo/reckoning/witness';
import { waitUntil } from '../../stack/wait-until';
import { fetchHistories, type StoredHistory } from './histories';
import { logDirectory } from './processes';
import { replayAll } from './replay';
import { type Spine } from './spine';

/** Secrets that a test sent in: they may be in Postgres' `actions`, where parameters live, and at the targets; nowhere else. */
export interface InvariantOptions {
  readonly canaries?: readonly string[];
}

/**
 * Compares what the targets saw with what the ledger proves, never the system's opinion with itself. Every test of the
 * whole chain ends with it. Empty: all of I1–I6, I9, I11, I12 and I14 hold; otherwise one line for each breach.
 */
export async function checkInvariants(
  spine: Spine,
  { canaries = [] }: InvariantOptions = {},
): Promise<readonly string[]> {
  await quiesce(spine);
  const records = [...spine.services.erp.book.records(), ...spine.services.payments.book.records()];
  const witness = summarise(records);
  const { entries, verified } = await readLedger({
    home: spine.home,
    databaseUrl: spine.database.auditorUrl,
    tenant: 'demo',
  });
  const histories = await fetchHistories(spine);
  return [
    ...authorised(witness, entries),
    ...witness.duplicates.map((effect) => `I2 a second effect under one key: ${about(effect)}`),
    ...(await bounded(spine)),
    ...onceEach(entries),
    ...(verified ? [] : ['I6 the offline verifier does not accept the ledger']),
    ...(await oneTenant(spine, witness)),
    ...leaks(canaries, entries, histories),
    ...(await replayAll(spine, histories)),
    ...(await netted(spine, witness)),
  ];
}

/** I3: whatever was accepted ends. */
async function quiesce(spine: Spine): Promise<void> {
  const open = async (): Promise<number> => {
    const { rows } = await spine.auditor.query<{ open: string }>(
      // An action is not over while only its row says so: a worker may have died before the ledger heard of it.
      `select (select count(*) from grants where state <> 'revoked')
            + (select count(*) from actions a where not exists (
                select from ledger l where l.tenant = a.tenant and l.key = 'action/' || a.action || '/settled')) as open`,
    );
    return Number(rows[0]?.open);
  };
  await waitUntil(async () => (await open()) === 0, { what: 'I3 an action or a grant did not end', withinMs: 60_000 });
}

function authorised(witness: WitnessSummary, entries: readonly LedgerEntry[]): string[] {
  const byUndo = (effect: WitnessRecord): boolean =>
    entries.some(
      ({ event, entry }) =>
        event === 'effect.begun' &&
        entry['kind'] === 'undo' &&
        entry['grant'] === effect.tokenId &&
        entry['idempotencyKey'] === effect.key,
    );
  return witness.effects
    .filter((effect) => !isAuthorised(effect, entries) && !byUndo(effect))
    .map((effect) => `I1 an effect that nobody allowed: ${about(effect)}`);
}

/** I4: asked of the targets themselves, with the very tokens. */
async function bounded(spine: Spine): Promise<string[]> {
  const live = [...(await spine.services.erp.gate.liveTokens()), ...(await spine.services.payments.gate.liveTokens())];
  return live.map((token) => `I4 the target still accepts ${token}`);
}

function onceEach(entries: readonly LedgerEntry[]): string[] {
  const gaps = entries
    .filter(({ seq }, index) => seq !== index)
    .map(({ seq }) => `I5 the sequence breaks at ${String(seq)}`);
  const settled = new Map<string, number>();
  for (const { event, entry } of entries) {
    if (event === 'action.settled')
      settled.set(String(entry['action']), (settled.get(String(entry['action'])) ?? 0) + 1);
  }
  const requested = entries
    .filter(({ event }) => event === 'action.requested')
    .map(({ entry }) => String(entry['action']));
  return [
    ...gaps,
    ...requested
      .filter((action) => settled.get(action) !== 1)
      .map((action) => `I5 ${action} has no ending in the ledger, or two`),
  ];
}

async function oneTenant(spine: Spine, witness: WitnessSummary): Promise<string[]> {
  const { rows } = await spine.auditor.query<{ action: string; tenant: string }>('select action, tenant from actions');
  const tenantOf = new Map(rows.map((row) => [row.action, row.tenant]));
  return witness.effects
    .filter((effect) => effect.tenant !== tenantOf.get(effect.actionId ?? ''))
    .map((effect) => `I9 an effect of another tenant: ${about(effect)}`);
}

/** I11: decoded histories are searched too, for encryption must not be what hides a secret from this test. */
function leaks(
  canaries: readonly string[],
  entries: readonly LedgerEntry[],
  histories: readonly StoredHistory[],
): string[] {
  const places: readonly (readonly [string, string])[] = [
    ['the ledger', JSON.stringify(entries)],
    ...histories.map(({ workflowId, raw, decoded }) => [`the history of ${workflowId}`, raw + decoded] as const),
    ...files(logDirectory()).map((path) => [path, readFileSync(path, 'utf8')] as const),
  ];
  return canaries.flatMap((canary) =>
    places.filter(([, text]) => text.includes(canary)).map(([place]) => `I11 ${canary} is in ${place}`),
  );
}

/** I14: an action that was executed left its effects; any other left nothing, or a task for a person. */
async function netted(spine: Spine, witness: WitnessSummary): Promise<string[]> {
  const { rows } = await spine.auditor.query<{ action: string; state: string; tasks: string }>(
    `select a.action, a.state, (select count(*) from tasks t where t.action = a.action) as tasks from actions a`,
  );
  return rows.flatMap(({ action, state, tasks }) => {
    const seen = witness.byAction.get(action);
    const standing =
      seen !== undefined && (seen.standingBookings !== 0 || Object.values(seen.net).some((amount) => amount !== 0));
    if (state === 'executed' && !standing)
      return [`I14 ${action} is said to be executed, and its targets hold nothing of it`];
    return state !== 'executed' && standing && Number(tasks) === 0
      ? [`I14 ${action} ended as ${state}, and its targets still hold effects of it`]
      : [];
  });
}

function files(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

function about(effect: WitnessRecord): string {
  return `${effect.service} ${effect.operation} ${effect.key ?? ''} of ${effect.actionId ?? 'nobody'}`;
}
