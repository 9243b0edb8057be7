import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { waitUntil } from '../../stack/wait-until';
import { readCodecKeys } from '../../temporal/codec-keys';
import { type TemporalClient } from '../../temporal/connect';
import { createDataConverter } from '../../temporal/data-converter';
import { createPayloadCodec } from '../../temporal/payload-codec';
import { actionWorkflowId, TASK_QUEUES } from '../../workflows/contract/names';
import { checkInvariants } from '../helpers/check-invariants';
import { clientOf } from '../helpers/histories';
import { ended, invoice, largeInvoice, pay, requestOf, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';
import { quietRuntime } from '../helpers/replay';
import { untilHeard } from '../helpers/until-heard';
import { useCodecKey } from '../helpers/use-codec-key';
import { moveFenceAt } from '../helpers/move-fence';

/*
 * Somebody who can do with Temporal what they like: complete activities, poll its queues, cancel, and wait until the world has changed. With
 * the keys of the payloads, and without.
 */

let spine: Spine;
let client: TemporalClient;
/** The action of which an attempt was said to be done under the right keys. */
let forged: string;
beforeAll(async () => {
  quietRuntime();
  spine = await startSpine();
  client = await clientOf(spine);
});
afterAll(async () => {
  await client.connection.close();
  await spine.stop();
});

const workflowOf = (id: string): string => actionWorkflowId('demo', id);
const effectsOf = (id: string): string[] =>
  [...spine.services.erp.book.records(), ...spine.services.payments.book.records()]
    .filter(({ kind, actionId }) => kind === 'effect' && actionId === id)
    .map(({ operation }) => String(operation));
const FORGED = { kind: 'done', revoked: true } as const;

/** An action whose worker was killed as its booking had begun: the activity waits for another worker. */
async function halted(): Promise<{ id: string; activity: { workflowId: string; activityId: string } }> {
  const worker = await spine.startWorker('preflight.begin:after-commit=kill');
  const { id } = await pay(spine, invoice(), { waitMs: 0 });
  expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
  rmSync(join(spine.home, 'faults'), { recursive: true });
  const { raw } = await client.workflow.getHandle(workflowOf(id)).describe();
  const activityId = raw.pendingActivities?.[0]?.activityId ?? '';
  return { id, activity: { workflowId: workflowOf(id), activityId } };
}

/** Says that an activity is done, as its worker would: in a payload of that workflow. */
async function forge({ workflowId, activityId }: { workflowId: string; activityId: string }): Promise<void> {
  const { namespace } = spine.temporal;
  const keys = await readCodecKeys(join(spine.home, 'keys', 'codec.json'));
  const codec = createPayloadCodec({ keys, namespace });
  const plain = defaultPayloadConverter.toPayload(FORGED);
  const payloads = await codec.encode([plain], { type: 'activity', namespace, workflowId, activityId, isLocal: false });
  await client.workflowService.respondActivityTaskCompletedById({
    namespace,
    workflowId,
    activityId,
    result: { payloads },
  });
}

const move = (fence: string, closed: boolean): Promise<void> => moveFenceAt(spine.database.superuserUrl, fence, closed);

describe('X77 a forged result of an activity', () => {
  it('X77 under the right keys is believed by the workflow, and by nothing else: no effect, and a person is asked', async () => {
    const { id, activity } = await halted();
    await forge(activity);
    forged = id;
    await spine.startWorker();
    expect((await ended(spine, id)).kind).toBe('undo_stuck');
    expect(effectsOf(id)).toEqual([]);
    const { rows } = await spine.auditor.query('select step, kind, state from tasks where action = $1', [id]);
    expect(rows).toEqual([{ step: 'book', kind: 'undo_stuck', state: 'open' }]);
  }, 90_000);

  it('X77 without the keys says nothing: the target is asked, and the payment is made once', async () => {
    const { id, activity } = await halted();
    const connection = await Connection.connect({ address: spine.temporal.address });
    const stranger = new Client({ connection, namespace: spine.temporal.namespace });
    await stranger.activity.complete(activity, FORGED);
    await connection.close();
    await spine.startWorker();
    expect(await ended(spine, id, 60_000)).toMatchObject({ kind: 'executed' });
    expect(effectsOf(id)).toEqual(['insertBooking', 'createPayment']);
  }, 90_000);
});

it('X77 a rogue worker on the queue of effects, with the keys of the payloads, does nothing and has nothing believed', async () => {
  const { address, namespace } = spine.temporal;
  const codecKeys = await readCodecKeys(join(spine.home, 'keys', 'codec.json'));
  const connection = await NativeConnection.connect({ address });
  const taken = new Set<string>();
  const claim = (ref: { actionId: string }): Promise<object> => {
    taken.add(ref.actionId);
    return Promise.resolve(FORGED);
  };
  const rogue = await Worker.create({
    ...{ connection, namespace, taskQueue: TASK_QUEUES.effects },
    dataConverter: createDataConverter({ codecKeys, namespace }),
    activities: { performStep: claim, undoStep: () => Promise.resolve({ kind: 'undone', revoked: true }) },
  });
  const asked: string[] = [];
  await rogue.runUntil(async () => {
    // Which of the two workers gets a task is Temporal's choice.
    for (let round = 0; round < 40 && taken.size < 2; round++) {
      const { id } = await pay(spine, invoice(), { waitMs: 0 });
      asked.push(id);
      await ended(spine, id);
    }
  });
  await connection.close();
  expect(taken.size).toBeGreaterThanOrEqual(2);
  for (const id of asked) {
    const { kind } = await ended(spine, id);
    if (taken.has(id)) expect([id, kind]).not.toEqual([id, 'executed']);
    // The honest worker may have done one of the two steps: what then stands has a person.
    else expect([kind, effectsOf(id)]).toEqual(['executed', ['insertBooking', 'createPayment']]);
  }
}, 120_000);

it('X77 a cancellation by hand is not obeyed: the same run asks on, and does what was countersigned', async () => {
  const { id } = await pay(spine, largeInvoice());
  await requestOf(spine, id);
  const run = client.workflow.getHandle(workflowOf(id));
  const { runId } = await run.describe();
  await run.cancel();
  await untilHeard(run);
  expect((await run.describe()).status.name).toBe('RUNNING');
  await vote(spine, 'bob', id, 'approve');
  expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
  expect(await client.workflow.getHandle(workflowOf(id), runId).result()).toEqual({ state: 'executed' });
  expect(effectsOf(id)).toEqual(['insertBooking', 'createPayment']);
});

it('X80 what was begun before a backlog is not sent after it, where a fence was closed meanwhile', async () => {
  const { id } = await halted();
  const begun = await spine.auditor.query('select state from effects where action = $1', [id]);
  expect(begun.rows).toEqual([{ state: 'begun' }]);
  await move('team:finance', true);
  try {
    await spine.startWorker();
    expect(await ended(spine, id)).toMatchObject({ kind: 'denied' });
    expect(effectsOf(id)).toEqual([]);
  } finally {
    await move('team:finance', false);
  }
}, 90_000);

it('X80 and without a fence it is sent once, under a new attempt that was allowed again', async () => {
  const { id } = await halted();
  // The time in which the first attempt might be sent goes by.
  const over = async (): Promise<boolean> =>
    (await spine.auditor.query('select from effects where action = $1 and send_by < clock_timestamp()', [id]))
      .rowCount === 1;
  await waitUntil(over, { what: 'The attempt is still good', withinMs: 20_000 });
  await spine.startWorker();
  expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
  expect(effectsOf(id)).toEqual(['insertBooking', 'createPayment']);
  const { rows } = await spine.auditor.query(`select attempt from effects where action = $1 and step = 'book'`, [id]);
  expect(rows).toEqual([{ attempt: 2 }]);
}, 90_000);

describe('X59 the keys of the payloads', () => {
  const path = (): string => join(spine.home, 'keys', 'codec.json');

  it('are replaced while an action waits: what the old one wrote is still read, and the new one writes', async () => {
    const { id } = await pay(spine, largeInvoice());
    await requestOf(spine, id);
    const { current, keys } = JSON.parse(readFileSync(path(), 'utf8')) as {
      current: string;
      keys: Record<string, string>;
    };
    writeFileSync(path(), JSON.stringify({ current, keys: { ...keys, next: randomBytes(32).toString('base64') } }));
    await useCodecKey(spine, 'next');
    await spine.startWorker();
    await vote(spine, 'bob', id, 'approve');
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    const history = await client.workflow.getHandle(workflowOf(id)).fetchHistory();
    const used = new Set(keyIdsIn(history));
    expect([...used].sort()).toEqual([...Object.keys(keys), 'next'].sort());
  });

  it.each([
    ['missing', (text: string) => (renameSync(path(), `${path()}.away`), text)],
    ['without the current one', (text: string) => text.replace(/"current":\s*"next"/, '"current":"gone"')],
  ])('%s: no worker starts, and none writes in the clear', async (_, change) => {
    const whole = readFileSync(path(), 'utf8');
    const changed = change(whole);
    if (changed !== whole) writeFileSync(path(), changed);
    try {
      await expect(spine.startWorker()).rejects.toThrow(/ended before that/);
      expect(spine.worker().log()).not.toContain('the worker runs');
    } finally {
      writeFileSync(path(), whole, { mode: 0o600 });
      await spine.startWorker();
    }
  });
});

it('all of that broke no invariant, but that nobody asks after an attempt whose end was forged: a person has the task', async () => {
  expect(await checkInvariants(spine)).toEqual([`I5 begun and never ended: ${forged} book do 1`]);
}, 90_000);

/** Ids of the keys under which the payloads of a history are encrypted. */
function keyIdsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const metadata = (value as { metadata?: Record<string, Uint8Array> | null }).metadata;
  const id = metadata?.['encryption-key-id'];
  return [...(id === undefined ? [] : [Buffer.from(id).toString()]), ...Object.values(value).flatMap(keyIdsIn)];
}
