import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { createEndGrant } from '../activities/end-grant';
import { type TouchingDeps } from '../activities/deps';
import { type Config } from '../config/config';
import { createCheckpointRound } from '../loops/checkpoint-round';
import { createDrainOutbox } from '../loops/drain-outbox';
import { createPurge } from '../loops/purge';
import { createReapGrants } from '../loops/reap-grants';
import { createReviewAgents } from '../loops/review-agents';
import { createReconcileGrants } from '../loops/reconcile-grants';
import { type Loop, startLoop } from '../loops/start-loop';
import { createSweepRoles } from '../loops/sweep-roles';
import { createTellOwners } from '../loops/tell-owners';
import { createTellPeople } from '../loops/tell-people';
import { createWakeForgotten } from '../loops/wake-forgotten';
import { createWriteOwedEntries } from '../loops/write-owed-entries';
import { reviewPeriodsOf } from '../domain/review-periods';
import { type PostgresProvider } from '../providers/postgres/create-postgres-provider';
import { type Meter } from '../telemetry/meter';
import { replacedCheckpointKeys } from './replaced-checkpoint-keys';
import { type Waker } from '../temporal/wake';
import { createChannels } from './create-channels';
import { createNoteChannels } from './create-note-channels';

// How soon a message or an overdue credential is noticed, against a query a second each while nothing happens.
const OUTBOX_IDLE_MS = 500;
const REAPER_IDLE_MS = 2_000;
const FORGOTTEN_IDLE_MS = 60_000;
// How much of the ledger is not yet anchored outside the database at any time.
const CHECKPOINT_IDLE_MS = 1_000;
// What is due of an agent counts in days; an agent that somebody resumed against it is restricted again within this.
const REVIEW_IDLE_MS = 60_000;
// Nothing of what is swept can be used any more; a target is asked this rarely so that nobody notices.
const SWEEP_IDLE_MS = 60_000;
// How soon an operator who waits at a terminal is answered.
const RECONCILIATION_IDLE_MS = 1_000;
// A few rows a minute at most, and nobody waits for their going.
const PURGE_IDLE_MS = 300_000;
// Rows are there only where the ledger could not be written, and then it is not known when it can be again.
const OWED_IDLE_MS = 5_000;
// What owners are told follows from rounds a minute apart.
const OWNERS_IDLE_MS = 30_000;
// How soon somebody hears of a change.
const TELLING_IDLE_MS = 300;
// One that waits for a channel that does not answer keeps the others for seconds; the rest goes on telling meanwhile.
const TELLING_LOOPS = 3;

export interface LoopParts {
  readonly config: Config;
  /** Of the role `loops`. */
  readonly pool: Pool;
  readonly pdp: TouchingDeps['pdp'];
  /** Of the role `workflows`: what needs no target. */
  readonly ordering?: { readonly waker: Waker; readonly checkpointKeyPem: string };
  /** Of the role `effects`: what ends that which lives at targets, with Temporal down and every other worker dead. */
  readonly touching?: {
    readonly deps: TouchingDeps;
    readonly databases: Pick<PostgresProvider, 'sweep' | 'list' | 'endAliens'>;
  };
  readonly log: Logger;
  readonly meter: Meter;
}

type Start = (name: string, idleMs: number, round: () => Promise<boolean>) => Loop;

/** What lives on Postgres alone, by role. */
export function startLoops(parts: LoopParts): Loop[] {
  const { pool, pdp, ordering, touching, log, meter } = parts;
  const start: Start = (name, idleMs, round) =>
    startLoop(name, log, idleMs, round, (result) =>
      meter.count('countersign_loop_rounds_total', { loop: name, result }),
    );
  return [
    ...(ordering ? startOrdering(parts, ordering, start) : []),
    ...(touching
      ? [
          start('reaper', REAPER_IDLE_MS, createReapGrants(pool, createEndGrant(touching.deps))),
          start(
            'sweep',
            SWEEP_IDLE_MS,
            createSweepRoles(touching.databases, () => pdp().catalogue, log),
          ),
          start('reconciliations', RECONCILIATION_IDLE_MS, createReconcileGrants({ pool, ...touching })),
        ]
      : []),
  ];
}

function startOrdering(
  parts: LoopParts,
  { waker, checkpointKeyPem }: NonNullable<LoopParts['ordering']>,
  start: Start,
): Loop[] {
  const { config, pool, pdp, log, meter } = parts;
  const checkpoints = {
    pool,
    signer: createPrivateKey(checkpointKeyPem),
    replaced: replacedCheckpointKeys(config.keys),
    directory: join(config.home, 'checkpoints'),
    memory: new Map(),
  };
  return [
    start('outbox', OUTBOX_IDLE_MS, createDrainOutbox(pool, waker)),
    start('forgotten', FORGOTTEN_IDLE_MS, createWakeForgotten(pool)),
    start(
      'checkpoints',
      CHECKPOINT_IDLE_MS,
      createCheckpointRound(checkpoints, log, (outcome) =>
        meter.count('countersign_checkpoint_failures_total', { outcome }),
      ),
    ),
    start('purge', PURGE_IDLE_MS, createPurge(pool)),
    start(
      'agent reviews',
      REVIEW_IDLE_MS,
      createReviewAgents(pool, () => reviewPeriodsOf(pdp().catalogue.data), log),
    ),
    start('owed entries', OWED_IDLE_MS, createWriteOwedEntries(pool, log)),
    ...telling(parts, start),
  ];
}

/** The loops that tell people. Without any channel there are none, and nothing is marked as told: whoever sets one up later finds what is still open. */
function telling({ config, pool, pdp, log, meter }: LoopParts, start: Start): Loop[] {
  const channels = createChannels(config, pool);
  if (Object.keys(channels).length === 0) return [];
  const failed = (channel: 'slack' | 'email'): void => meter.count('countersign_channel_failures_total', { channel });
  const tellPeople = createTellPeople({ pool, catalogue: () => pdp().catalogue, ...channels, log, failed });
  const tellOwners = createTellOwners({ pool, ...createNoteChannels(config), log, failed });
  return [
    ...Array.from({ length: TELLING_LOOPS }, () => start('tell people', TELLING_IDLE_MS, tellPeople)),
    start('tell owners', OWNERS_IDLE_MS, tellOwners),
  ];
}
