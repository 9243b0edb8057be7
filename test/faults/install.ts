import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import type * as activities from '../../activities';
import type * as transactions from '../../db/in-transaction';
import type * as ledgers from '../../db/ledger';
import type * as facts from '../../providers/http/create-http-fact-reader';
import type * as http from '../../providers/http/create-http-provider';
import type * as postgres from '../../providers/postgres/create-postgres-provider';
import type * as submitting from '../../temporal/submit-action';
import type * as waking from '../../temporal/wake';
import type * as mail from '../../channels/email/create-email-channel';
import type * as slack from '../../channels/slack/create-slack-channel';
import { createKill } from './kill';
import { afterExternal, weaveActivities, weaveExternal, weaveFacts, weaveLedger, weaveTransaction } from './weave';

/*
 * Loaded into a worker or a gateway before its own main, by `node --require` (see `startTestProcess`): weaves the fault points of
 * COUNTERSIGN_FAULTS round its modules. It lies in test/, which is not shipped, and nothing that is shipped names it.
 */

const load = createRequire(__filename);

/** What others import from a module is looked up at each call, so it can be replaced. */
function replace<M extends object, K extends keyof M>(module: string, name: K, by: (original: M[K]) => M[K]): void {
  const loaded = load(module) as { -readonly [member in keyof M]: M[member] };
  loaded[name] = by(loaded[name]);
}

function install(): void {
  const announce = createKill(process.env['COUNTERSIGN_FAULTS'] ?? '', process.env['COUNTERSIGN_HOME'] ?? '');

  replace<typeof transactions, 'inTransaction'>(
    '../../db/in-transaction',
    'inTransaction',
    (inTransaction) =>
      (pool, work, ...opening) =>
        weaveTransaction(announce, (woven) => inTransaction(pool, woven, ...opening), work),
  );
  replace<typeof ledgers, 'createLedger'>(
    '../../db/ledger',
    'createLedger',
    (create) => (pool) => weaveLedger(create(pool), announce),
  );
  replace<typeof activities, 'createDecidingActivities'>(
    '../../activities',
    'createDecidingActivities',
    (create) => (deps) => weaveActivities(create(deps), announce),
  );
  replace<typeof activities, 'createEffectActivities'>(
    '../../activities',
    'createEffectActivities',
    (create) => (deps) => weaveActivities(create(deps), announce),
  );
  replace<typeof activities, 'createControlActivities'>(
    '../../activities',
    'createControlActivities',
    (create) => (deps) => weaveActivities(create(deps), announce),
  );
  replace<typeof http, 'createHttpProvider'>(
    '../../providers/http/create-http-provider',
    'createHttpProvider',
    (create) => (options) => weaveExternal(create(options), announce),
  );
  replace<typeof postgres, 'createPostgresProvider'>(
    '../../providers/postgres/create-postgres-provider',
    'createPostgresProvider',
    (create) => (options) => weaveExternal(create(options), announce),
  );
  replace<typeof facts, 'createHttpFactReader'>(
    '../../providers/http/create-http-fact-reader',
    'createHttpFactReader',
    (create) => (options) => {
      const reader = create(options);
      return { ...reader, ...weaveFacts(reader, announce) };
    },
  );
  replace<typeof waking, 'createWaker'>(
    '../../temporal/wake',
    'createWaker',
    (create) => (client) => weaveExternal(create(client), announce),
  );
  replace<typeof submitting, 'submitAction'>('../../temporal/submit-action', 'submitAction', (submit) =>
    afterExternal('submitAction', submit, announce),
  );
  replace<typeof slack, 'createSlackChannel'>(
    '../../channels/slack/create-slack-channel',
    'createSlackChannel',
    (create) => (options) => weaveExternal(create(options), announce),
  );
  replace<typeof mail, 'createEmailChannel'>(
    '../../channels/email/create-email-channel',
    'createEmailChannel',
    (create) => (options) => weaveExternal(create(options), announce),
  );
}

// Workflows run in threads that load this too, and have nothing to be woven.
if (isMainThread) install();
