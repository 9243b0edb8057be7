import { waitUntil } from '../../stack/wait-until';
import { checkInvariants } from '../helpers/check-invariants';
import { clientOf } from '../helpers/histories';
import { ended, invoice, largeInvoice, pay, vote } from '../helpers/pay';
import { startTestProcess, type TestProcess } from '../helpers/processes';
import { type Ran, runCountersign } from '../helpers/run-countersign';
import { type Spine, startSpine } from '../helpers/spine';

let spine: Spine;
let old: TestProcess;
let next: TestProcess;
let waiting: string;

beforeAll(async () => {
  spine = await startSpine({ workerSettings: { COUNTERSIGN_BUILD_ID: 'r1' } });
  old = spine.worker();
});
afterAll(async () => await spine.stop());

/** The command itself, as an operator runs it. */
const deploy = (...args: string[]): Promise<Ran> =>
  runCountersign(['deploy', ...args], {
    TEMPORAL_ADDRESS: spine.temporal.address,
    TEMPORAL_NAMESPACE: spine.temporal.namespace,
  });

/** Processes that did something for the action's workflow, by what they told Temporal about themselves. */
async function workersOf(id: string): Promise<Set<string>> {
  const client = await clientOf(spine);
  try {
    const { events } = await client.workflow.getHandle(`action/demo/${id}`).fetchHistory();
    const started = (events ?? []).flatMap(
      ({ workflowTaskStartedEventAttributes: task, activityTaskStartedEventAttributes: activity }) =>
        (task ?? activity)?.identity ?? [],
    );
    return new Set(started.map((identity) => identity.split('@')[0] ?? ''));
  } finally {
    await client.connection.close();
  }
}

const only = ({ pid }: TestProcess): Set<string> => new Set([String(pid)]);

describe('F21 two releases of the workers beside each other', () => {
  it('begins nothing while no version is current, and says so; what was asked for begins when one is', async () => {
    const { id, status } = await pay(spine, invoice(), { waitMs: 500 });
    expect(status).toBe(202);
    // Temporal lists a build some time after the first of its workers has asked for work.
    let before = '';
    const listed = async (): Promise<boolean> => (before = (await deploy('status')).said).includes('r1');
    await waitUntil(listed, { what: 'Temporal does not list the build', withinMs: 30_000 });
    expect(before).toContain('never current');
    expect(before).toContain('No version is current');
    expect(await deploy('current', 'r0', '--timeout', '0')).toMatchObject({
      code: 4,
      said: expect.stringContaining('actions, effects, control') as string,
    });
    expect(await deploy('current', 'r1')).toMatchObject({
      code: 0,
      said: expect.stringContaining('r1 is current') as string,
    });
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
  }, 120_000);

  it('goes on with what runs where it began, and begins what is new with the new one', async () => {
    waiting = (await pay(spine, largeInvoice(), { waitMs: 100 })).id;
    await waitUntil(async () => (await workersOf(waiting)).size > 0, { what: 'It did not begin', withinMs: 30_000 });
    // Asked for before the workers are there, it also meets the moment at which they ask for work and Temporal has not listed all their queues.
    const change = deploy('current', 'r2', '--timeout', '60');
    next = startTestProcess('worker', { ...spine.settings.worker, COUNTERSIGN_BUILD_ID: 'r2' });
    expect(await change).toMatchObject({ code: 0, said: expect.stringContaining('deploy drained r1') as string });

    const { id } = await pay(spine, invoice());
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(await workersOf(id)).toEqual(only(next));
    expect(await workersOf(waiting)).toEqual(only(old));
  }, 120_000);

  it('keeps the old workers until nothing runs on them any more', async () => {
    expect(await deploy('drained', 'r1', '--timeout', '2')).toMatchObject({
      code: 4,
      said: expect.stringContaining('1 workflows still run on r1') as string,
    });
    await vote(spine, 'bob', waiting, 'approve');
    expect(await ended(spine, waiting)).toMatchObject({ kind: 'executed' });
    expect(await workersOf(waiting)).toEqual(only(old));
    expect(await deploy('drained', 'r1', '--timeout', '60')).toMatchObject({ code: 0 });
    expect((await deploy('drained', 'r2')).code).toBe(2);
    await old.stop();
    expect(await pay(spine, invoice())).toMatchObject({ outcome: { kind: 'executed' } });
    expect((await deploy('status')).said).toMatch(/r1\s+drained[^]*r2\s+current|r2\s+current[^]*r1\s+drained/);
  }, 120_000);

  it('keeps every invariant', async () => {
    expect(await checkInvariants(spine)).toEqual([]);
  });
});
