import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Client } from 'pg';
import { readConfig } from '../config/read-config';
import { startDemoServices } from '../demo/services/start-demo-services';
import { type RolePasswords } from '../db/create-roles';
import { createUndoList } from '../stack/create-undo-list';
import { databaseUrl } from '../stack/database-url';
import { startStack } from '../stack/start-stack';
import { clientOf } from '../test/helpers/histories';
import { type RecordedHistory, RECORDING_KEYS, writeRecordings } from '../test/helpers/recorded-histories';
import { AGENT_RECORDINGS, AGENT_SECRETS } from './agent-recordings';
import { RECORDINGS, type Recorder, SECRETS } from './recordings';

/** What is recorded of each workflow, and what must not be in it. */
const WORKFLOWS = {
  'governed-action': { runs: RECORDINGS, secrets: SECRETS },
  'agent-lifecycle': { runs: AGENT_RECORDINGS, secrets: AGENT_SECRETS },
} as const;

const report = (line: string): void => void process.stderr.write(`${line}\n`);

/** A stack of its own in an empty home, with the key that all recordings share, and the demo's services as its targets. */
async function startRecorder(started: ReturnType<typeof createUndoList>): Promise<Recorder> {
  const home = mkdtempSync(join(tmpdir(), 'countersign-record-'));
  started.add(() => rmSync(home, { recursive: true, force: true }));
  chmodSync(home, 0o711); // Postgres may run under another account
  mkdirSync(join(home, 'keys'), { mode: 0o700 });
  copyFileSync(RECORDING_KEYS, join(home, 'keys', 'codec.json'));
  chmodSync(join(home, 'keys', 'codec.json'), 0o600);

  const services = await startDemoServices(join(home, 'services'));
  started.add(() => services.stop());
  const { PATH, HOME, XDG_CACHE_HOME, COUNTERSIGN_TEMPORAL, COUNTERSIGN_OPA } = process.env;
  const config = readConfig({
    ...{ PATH, HOME, XDG_CACHE_HOME, COUNTERSIGN_TEMPORAL, COUNTERSIGN_OPA },
    ...{ COUNTERSIGN_HOME: home, COUNTERSIGN_PORT: '0', COUNTERSIGN_ADMIN_PORT: '0' },
    COUNTERSIGN_TARGET_ERP: services.erp.url,
    COUNTERSIGN_TARGET_PAYMENTS: services.payments.url,
  });
  const stack = await startStack({ config, report });
  started.add(() => stack.stop());
  services.trust(`${stack.gatewayUrl}/.well-known/jwks.json`);
  const { owner: password } = JSON.parse(readFileSync(join(home, 'database-roles.json'), 'utf8')) as RolePasswords;
  const auditor = await connected(stack.databaseUrl);
  const owner = await connected(databaseUrl(stack.databaseUrl, { login: { role: 'owner', password } }));
  await owner.query(`select set_config('app.tenant', 'demo', false)`);
  const temporal = { address: stack.temporalAddress, namespace: stack.namespace };
  const client = await clientOf({ home, temporal });
  started.add(() => client.connection.close());
  return { ...stack, services, auditor, owner, client };

  async function connected(connectionString: string): Promise<Client> {
    const database = new Client({ connectionString });
    await database.connect();
    started.add(() => database.end());
    return database;
  }
}

/** All of a workflow, one after the other; written down only once all of them are there. */
async function record(recorder: Recorder, workflow: keyof typeof WORKFLOWS, version: string): Promise<void> {
  const { namespace, client } = recorder;
  const recorded: [string, RecordedHistory][] = [];
  const { runs, secrets } = WORKFLOWS[workflow];
  for (const [name, run] of Object.entries(runs)) {
    report(`Recording: ${name} …`);
    const workflowId = await run(recorder);
    const handle = client.workflow.getHandle(workflowId);
    await handle.result();
    // Processes are named `<pid>@<host>`: whose machine it was is no part of what is replayed. (No base64 holds an @.)
    const history = historyToJSON(await handle.fetchHistory()).replaceAll(`@${hostname()}`, '@recorder');
    recorded.push([name, { namespace, workflowId, secrets, history: JSON.parse(history) as object }]);
  }
  writeRecordings(workflow, version, recorded);
}

function isWorkflow(name: string | undefined): name is keyof typeof WORKFLOWS {
  return name !== undefined && Object.hasOwn(WORKFLOWS, name);
}

async function main(workflow: string | undefined, version: string | undefined): Promise<void> {
  if (!isWorkflow(workflow) || version === undefined)
    throw new Error(
      `Say what is recorded (${Object.keys(WORKFLOWS).join(', ')}), and as which version: node dist/scripts/record-history.js agent-lifecycle v2`,
    );
  const started = createUndoList();
  try {
    await record(await startRecorder(started), workflow, version);
  } finally {
    await started.undoAll();
  }
}

main(process.argv[2], process.argv[3]).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
