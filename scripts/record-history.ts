import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Client } from 'pg';
import { readConfig } from '../config/read-config';
import { startDemoServices } from '../demo/services/start-demo-services';
import { createUndoList } from '../stack/create-undo-list';
import { startStack } from '../stack/start-stack';
import { clientOf } from '../test/helpers/histories';
import { type RecordedHistory, RECORDING_KEYS, writeRecordings } from '../test/helpers/recorded-histories';
import { RECORDINGS, type Recorder, SECRETS } from './recordings';

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
  const auditor = new Client({ connectionString: stack.databaseUrl });
  await auditor.connect();
  started.add(() => auditor.end());
  const temporal = { address: stack.temporalAddress, namespace: stack.namespace };
  const client = await clientOf({ home, temporal });
  started.add(() => client.connection.close());
  return { ...stack, services, auditor, client };
}

/** Every ending of a governed action, one after the other; written down only once all of them are there. */
async function record(recorder: Recorder, version: string): Promise<void> {
  const { namespace, client } = recorder;
  const recorded: [string, RecordedHistory][] = [];
  for (const [name, run] of Object.entries(RECORDINGS)) {
    report(`Recording: ${name} …`);
    const workflowId = await run(recorder);
    const handle = client.workflow.getHandle(workflowId);
    await handle.result();
    // Processes are named `<pid>@<host>`: whose machine it was is no part of what is replayed. (No base64 holds an @.)
    const history = historyToJSON(await handle.fetchHistory()).replaceAll(`@${hostname()}`, '@recorder');
    recorded.push([name, { namespace, workflowId, secrets: SECRETS, history: JSON.parse(history) as object }]);
  }
  writeRecordings('governed-action', version, recorded);
}

async function main(version: string | undefined): Promise<void> {
  if (version === undefined) throw new Error('Say which version is recorded: node dist/scripts/record-history.js v2');
  const started = createUndoList();
  try {
    await record(await startRecorder(started), version);
  } finally {
    await started.undoAll();
  }
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
