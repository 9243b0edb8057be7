import { createDecide } from '../../activities/decide';
import { createReadVerdict, type VerdictRead } from '../../activities/read-verdict';
import { requestCancel } from '../../db/request-cancel';
import { chain, seedAction, type SeededAction, vote } from '../helpers/seed';
import { ask } from '../helpers/workshop';
import { tenant, workshop, world } from '../helpers/own-workshop';

const read = ({ actionId }: Pick<SeededAction, 'actionId'>): Promise<VerdictRead> =>
  createReadVerdict(workshop.deps)({ tenant, actionId });
const sql = (statement: string): Promise<object[]> => world.rows(statement, [tenant]);
const entries = (): Promise<object[]> =>
  sql(
    `select key, leaf::json -> 'entry' ->> 'state' as state from ledger where tenant = $1 and key like 'approval/%' order by seq`,
  );

async function asked(...chains: string[]): Promise<SeededAction> {
  workshop.policy.decision = ask(...(chains.length === 0 ? ['finance-2'] : chains));
  const action = await seedAction(world, tenant);
  await createDecide(workshop.deps)({ tenant, actionId: action.actionId });
  return action;
}

/** Read twice: the same answer, and one entry in the ledger. */
async function expectClosed(action: SeededAction, state: string): Promise<void> {
  expect([await read(action), await read(action)]).toEqual([{ kind: state }, { kind: state }]);
  expect(await sql('select state from approval_requests where tenant = $1')).toEqual([{ state }]);
  expect(await entries()).toEqual([{ key: `approval/${action.request}/closed`, state }]);
}

const past = (): Promise<object[]> =>
  sql('update approval_requests set deadline = clock_timestamp() where tenant = $1');

describe('a request is', () => {
  it('open while too few have countersigned, and says who can', async () => {
    const action = await asked();
    await vote(world, action, 'bob');
    expect(await read(action)).toMatchObject({ kind: 'open', waiting: { people: ['carol', 'dora'] } });
    expect(await read(action)).toMatchObject({ kind: 'open' });
    expect(await entries()).toEqual([]);
  });

  it('approved when every stage has its people', async () => {
    const action = await asked('finance-1', 'directors-1');
    await vote(world, action, 'bob');
    expect(await read(action)).toMatchObject({ kind: 'open', waiting: { people: ['dora', 'erin'] } });
    await vote(world, action, 'erin');
    await expectClosed(action, 'approved');
  });

  it('X7 rejected by one denial, whatever else was cast', async () => {
    const action = await asked();
    await vote(world, action, 'bob');
    await vote(world, action, 'dora', { choice: 'deny' });
    await vote(world, action, 'carol');
    await expectClosed(action, 'rejected');
  });

  it('X7 I13 rejected by a denial whose person left before it was read', async () => {
    const action = await asked('finance-1');
    await vote(world, action, 'bob', { choice: 'deny' });
    await sql(`update people set state = 'left' where tenant = $1 and person = 'bob'`);
    await vote(world, action, 'carol');
    await expectClosed(action, 'rejected');
  });

  it('X26 expired when nobody answered in time: silence is not consent', async () => {
    const action = await asked();
    await vote(world, action, 'bob');
    await past();
    await expectClosed(action, 'expired');
    expect(await vote(world, action, 'carol')).toBe('approval_expired');
  });

  it('X16 approved, when the last vote came before the deadline and was read after it', async () => {
    const action = await asked();
    await vote(world, action, 'bob');
    await vote(world, action, 'carol');
    await past();
    await expectClosed(action, 'approved');
  });

  it('cancelled when somebody asked for that, even after the last vote', async () => {
    const action = await asked();
    await vote(world, action, 'bob');
    await vote(world, action, 'carol');
    await world.as('gateway', tenant, (client) => requestCancel(client, tenant, action.actionId, 'bob'));
    await expectClosed(action, 'cancelled');
  });

  it('X12 open again when one who countersigned does not count any more', async () => {
    const action = await asked();
    await vote(world, action, 'bob');
    await vote(world, action, 'carol');
    await sql(`delete from group_members where tenant = $1 and person = 'bob'`);
    expect(await read(action)).toMatchObject({ kind: 'open' });
  });

  it.each(['act-00000000-0000-0000-0000-000000000000', undefined])(
    'X76 expired where nobody was asked (%s)',
    async (made) => {
      const action = made === undefined ? await seedAction(world, tenant) : { actionId: made };
      expect(await read(action)).toEqual({ kind: 'expired' });
      expect(await sql('select from ledger where tenant = $1')).toEqual([]);
    },
  );
});

it('each reminder is told of once, and the next moment to look is the next that somebody is due', async () => {
  const { catalogue } = workshop.policy;
  const eager = chain('finance', 1, {
    remindAfterMs: [5_000, 10_000],
    escalate: { afterMs: 20_000, to: ['group:directors'] },
  });
  workshop.policy.catalogue = { ...catalogue, chains: { ...catalogue.chains, [eager.id]: eager } };
  const action = await asked('finance-1');
  const opened = async (seconds: number): Promise<number> => {
    await world.rows(
      `update approval_requests set opened_at = clock_timestamp() - make_interval(secs => $2) where tenant = $1`,
      [tenant, seconds],
    );
    await read(action);
    const verdict = await read(action);
    return verdict.kind === 'open' ? Math.ceil(verdict.waiting.wakeInMs / 1_000) : NaN;
  };
  expect([await opened(0), await opened(6), await opened(11)]).toEqual([5, 4, 9]);
  // Then only the deadline is left, a minute after it was asked.
  expect(await opened(21)).toBeGreaterThan(30);
  expect(await entries()).toHaveLength(3);
  expect(await read(action)).toMatchObject({ kind: 'open', waiting: { people: ['bob', 'carol', 'dora', 'erin'] } });
});

it('X26 a request that was passed on to others is not lost, and expires like any other', async () => {
  const { catalogue } = workshop.policy;
  const passedOn = chain('finance', 1, { escalate: { afterMs: 5_000, to: ['group:directors'] } });
  workshop.policy.catalogue = { ...catalogue, chains: { ...catalogue.chains, [passedOn.id]: passedOn } };
  const action = await asked('finance-1');
  await sql(`update approval_requests set opened_at = opened_at - interval '6 s' where tenant = $1`);
  expect(await read(action)).toMatchObject({ kind: 'open', waiting: { people: expect.arrayContaining(['erin']) } });
  await past();
  expect(await read(action)).toEqual({ kind: 'expired' });
  expect(await vote(world, action, 'erin')).toBe('approval_expired');
});

it('I5 a worker that dies before it told the ledger tells it when it runs again', async () => {
  const action = await asked();
  await past();
  workshop.dieAt = 'readVerdict:after-commit';
  await expect(read(action)).rejects.toThrow('died');
  expect(await entries()).toEqual([]);
  await expectClosed(action, 'expired');
});

it('X7 a denial that is cast beside the last approval ends the request, or comes after its end and is kept to stop the effect', async () => {
  for (let round = 0; round < 10; round++) {
    const action = await asked('finance-1');
    const [denied] = await Promise.all([
      vote(world, action, 'carol', { choice: 'deny' }),
      vote(world, action, 'bob'),
      read(action),
    ]);
    const verdict = await read(action);
    if (denied === 'recorded' && verdict.kind !== 'approved') expect(verdict).toEqual({ kind: 'rejected' });
    else expect([denied, verdict.kind]).toEqual(['recorded', 'approved']);
    await sql('delete from reservations where tenant = $1');
    await sql('delete from budgets where tenant = $1');
  }
});
