import { Client, Pool } from 'pg';
import { loadNotice } from '../../db/load-notice';
import { withTenant } from '../../db/with-tenant';
import { failure } from '../../domain/failures';
import { STATUS_QUERY, actionWorkflowId } from '../../workflows/contract/names';
import { waitUntil } from '../../stack/wait-until';
import { type TemporalClient } from '../../temporal/connect';
import { checkInvariants } from '../helpers/check-invariants';
import { clientOf } from '../helpers/histories';
import {
  type Asked,
  ended,
  type Invoice,
  invoice,
  largeInvoice,
  pay,
  paymentsOf,
  requestOf,
  vote,
} from '../helpers/pay';
import { moveFenceAt } from '../helpers/move-fence';
import { type Spine, startSpine } from '../helpers/spine';

/*
 * What is done to an agent, over the operators' API, and what becomes of that which it asked for before: docs/agents-lives.md has the whole table.
 * What the ERP and the bank saw is what counts.
 */

let spine: Spine;
let client: TemporalClient;
beforeAll(async () => {
  spine = await startSpine();
  client = await clientOf(spine);
}, 60_000);
afterAll(async () => {
  await client.connection.close();
  await spine.stop();
});

async function post<T>(path: string, body: object): Promise<[status: number, body: T]> {
  const response = await fetch(`${spine.adminUrl}/v1/admin${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${spine.people.bob.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, reason: 'a drill' }),
  });
  return [response.status, (await response.json()) as T];
}

async function move(what: string): Promise<[status: number, state: unknown]> {
  const [status, { state }] = await post<{ readonly state?: unknown }>('/agents/invoice-agent/moves', { do: what });
  return [status, state];
}

const bookingsOf = (actionId: string, operation = 'insertBooking'): number =>
  spine.services.erp.book
    .records()
    .filter((record) => record.kind === 'effect' && record.operation === operation && record.actionId === actionId)
    .length;

/** What stands at the targets: bookings, bookings taken back, payments. */
const standing = (id: string): readonly number[] => [
  bookingsOf(id),
  bookingsOf(id, 'deleteBooking'),
  paymentsOf(spine, id),
];

async function asSuperuser(statements: string): Promise<void> {
  const superuser = new Client({ connectionString: spine.database.superuserUrl });
  await superuser.connect();
  await superuser.query(statements);
  await superuser.end();
}

async function untilHeld(id: string): Promise<void> {
  const handle = client.workflow.getHandle(actionWorkflowId('demo', id));
  const held = async (): Promise<boolean> => {
    const status = await handle.query<{ readonly waitingOn: readonly string[] }, []>(STATUS_QUERY);
    return status.waitingOn.includes('operators');
  };
  await waitUntil(held, { what: `Action ${id} was not held`, withinMs: 20_000 });
}

/** An action for which people are asked by now. */
async function asked(params: Invoice): Promise<Asked> {
  const action = await pay(spine, params, { waitMs: 100 });
  await requestOf(spine, action.id);
  return action;
}

const codes = (outcome: Asked['outcome']): readonly unknown[] => [
  outcome.kind,
  ...(outcome.reasons ?? []).map(({ code }) => code),
];

/** What is told of the end besides the outcome: the codes of the ledger's entry, and the sentences that channels show. */
async function toldOf(id: string): Promise<readonly [codes: unknown, why: unknown]> {
  const { rows } = await spine.auditor.query<{ codes: unknown }>(
    `select leaf::json -> 'entry' -> 'codes' as codes from ledger where key = 'action/' || $1 || '/settled'`,
    [id],
  );
  const pool = new Pool({ connectionString: spine.database.loopsUrl, max: 1 });
  try {
    const { request } = await requestOf(spine, id);
    const notice = await withTenant(pool, 'demo', (loops) => loadNotice(loops, 'demo', request));
    return [rows[0]?.codes, notice?.why];
  } finally {
    await pool.end();
  }
}

/** An action that has booked, which nobody knows yet for the ERP has closed; `happens` meanwhile, then it opens again. */
async function whileBooking(
  happens: () => Promise<void>,
  params: Invoice = invoice(),
  agreed: (id: string) => Promise<unknown> = () => Promise.resolve(),
): Promise<string> {
  const { faults } = spine.services.erp;
  const booked = faults.failNext({ operation: 'insertBooking', invoiceId: params.invoiceId, how: 'drop-reply' });
  const asked = pay(spine, params, { waitMs: 100 }).then(async (taken) => {
    await agreed(taken.id);
    return taken;
  });
  await booked;
  faults.closed = true;
  try {
    const { id } = await asked;
    await happens();
    expect(standing(id)).toEqual([1, 0, 0]);
    return id;
  } finally {
    faults.closed = false;
  }
}

describe('K3 an agent that is throttled', () => {
  it('T12 goes on with what was taken', async () => {
    expect(await move('throttle')).toEqual([200, 'throttled']);
    const { id } = await pay(spine, invoice());
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(standing(id)).toEqual([1, 0, 1]);
  });
});

describe('K3 an agent that always has to ask', () => {
  it('T13 has what policy would let it do alone countersigned', async () => {
    expect(await move('ask_always')).toEqual([200, 'ask_always']);
    const { id } = await pay(spine, invoice(), { waitMs: 100 });
    expect((await vote(spine, 'bob', id, 'approve')).status).toBe(200);
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(standing(id)).toEqual([1, 0, 1]);
  });
});

describe('K3 an agent that may only read', () => {
  it('T14 pays nothing: not what was countersigned before, nor what it asks for now', async () => {
    const before = await pay(spine, largeInvoice(), { waitMs: 100 });
    expect(await move('restrict')).toEqual([200, 'read_only']);
    expect((await vote(spine, 'bob', before.id, 'approve')).status).toBe(200);
    const now = await pay(spine, invoice(), { waitMs: 100 });
    for (const { id } of [before, now]) {
      expect(codes(await ended(spine, id))).toEqual(['denied', 'agent_restricted']);
      expect(standing(id)).toEqual([0, 0, 0]);
    }
    expect(await move('resume')).toEqual([200, 'active']);
  });
});

describe('K3 an agent that is paused', () => {
  it('T10 begins nothing, though people countersign it, until it is resumed and everything was looked at again', async () => {
    const waiting = await asked(largeInvoice());
    const hurried = await asked(invoice({ urgency: 'same-day' }));
    expect(await move('pause')).toEqual([200, 'paused']);
    expect(await pay(spine, invoice())).toMatchObject({ status: 403, code: 'agent_not_active' });
    expect((await vote(spine, 'bob', waiting.id, 'approve')).status).toBe(200);
    await untilHeld(waiting.id);
    // Nobody waits longer for an answer because of it.
    expect(await ended(spine, hurried.id)).toMatchObject({ kind: 'expired' });
    expect([standing(waiting.id), standing(hurried.id)]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);

    spine.services.erp.changeIban('globex', 'DE02120300000000202051');
    try {
      expect(await move('resume')).toEqual([200, 'active']);
      const asked = async (): Promise<boolean> =>
        (await spine.auditor.query('select from approval_requests where action = $1 and round = 2', [waiting.id]))
          .rowCount === 1;
      await waitUntil(asked, { what: 'Nobody was asked about the other account', withinMs: 20_000 });
      expect(standing(waiting.id)).toEqual([0, 0, 0]);
      expect((await vote(spine, 'carol', waiting.id, 'approve')).status).toBe(200);
      expect(await ended(spine, waiting.id)).toMatchObject({ kind: 'executed' });
    } finally {
      spine.services.erp.changeIban('globex', 'DE89370400440532013000');
    }
    expect(standing(waiting.id)).toEqual([1, 0, 1]);
  }, 60_000);

  it('T10 finds out what became of a step that was under way, and begins the next one only once resumed', async () => {
    const id = await whileBooking(async () => expect(await move('pause')).toEqual([200, 'paused']));
    await untilHeld(id);
    expect(standing(id)).toEqual([1, 0, 0]);
    expect(await move('resume')).toEqual([200, 'active']);
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(standing(id)).toEqual([1, 0, 1]);
  }, 60_000);
});

describe('K2 a stop', () => {
  it('takes back what was countersigned and half done, begins nothing that waits, and is what both are told to have ended by', async () => {
    const scope = 'agent:invoice-agent';
    const waiting = await pay(spine, largeInvoice(), { waitMs: 100 });
    const id = await whileBooking(
      async () => expect((await post('/stops', { scope }))[0]).toBe(200),
      largeInvoice(),
      async (asked) => await vote(spine, 'bob', asked, 'approve'),
    );
    expect((await vote(spine, 'bob', waiting.id, 'approve')).status).toBe(200);
    expect(codes(await ended(spine, id))).toEqual(['undone', 'scope_fenced']);
    expect(codes(await ended(spine, waiting.id))).toEqual(['denied', 'scope_fenced']);
    expect([standing(id), standing(waiting.id)]).toEqual([
      [1, 1, 0],
      [0, 0, 0],
    ]);
    const why = [['scope_fenced'], [failure('scope_fenced').sentence]];
    expect([await toldOf(id), await toldOf(waiting.id)]).toEqual([why, why]);
    await moveFenceAt(spine.database.superuserUrl, scope, false);
    const goesOn = async (): Promise<boolean> => (await pay(spine, invoice(), { waitMs: 100 })).status !== 403;
    await waitUntil(goesOn, { what: 'It is stopped yet', withinMs: 20_000 });
  }, 60_000);
});

describe('X86 X87 people who leave', () => {
  const left = async (person: string): Promise<void> => {
    const finished = async (): Promise<boolean> =>
      (await spine.auditor.query('select from departures where person = $1 and finished_at is not null', [person]))
        .rowCount === 1;
    await waitUntil(finished, { what: `The departure of ${person} was not finished`, withinMs: 60_000 });
  };
  const handedOver = async (): Promise<number | null> =>
    (await spine.auditor.query(`select from ledger where key like 'agent/%/agent.handed_over/%'`)).rowCount;

  it('leave their agents to the heir, each once, with the worker killed between two of them, and what waits for them to the others', async () => {
    await asSuperuser(`insert into people (tenant, person, name) values ('demo', 'dora', 'Dora');
      update people set roles = roles || '{admin}' where person = 'bob';
      insert into agents (tenant, agent, version, owner, creator, team, environment)
      select 'demo', a, '1', 'alice', 'alice', 'finance', 'development' from unnest('{clerk-1,clerk-2}'::text[]) a`);
    const waiting = await asked(largeInvoice());
    await spine.startWorker('handOver.handOverOne:after-commit=kill');
    expect((await post('/people/alice/changes', { do: 'leave', agentsTo: 'dora' }))[0]).toBe(200);
    await spine.worker().ended;
    expect(await handedOver()).toBe(1);
    await spine.startWorker();
    await left('alice');
    expect(await handedOver()).toBe(3);

    expect((await post('/people/carol/changes', { do: 'leave' }))[0]).toBe(200);
    await left('carol');
    expect((await vote(spine, 'carol', waiting.id, 'approve')).status).toBe(401);
    const rerouted = `select from ledger where leaf::jsonb -> 'entry' ->> 'event' = 'approval.rerouted' and leaf::jsonb -> 'entry' ->> 'action' = $1`;
    expect((await spine.auditor.query(rerouted, [waiting.id])).rowCount).toBe(1);
    expect((await vote(spine, 'bob', waiting.id, 'approve')).status).toBe(200);
    expect(await ended(spine, waiting.id)).toMatchObject({ kind: 'executed' });
    expect(standing(waiting.id)).toEqual([1, 0, 1]);
  }, 120_000);

  it('leave nobody to answer: then what waits is denied', async () => {
    const waiting = await asked(largeInvoice());
    await asSuperuser(`insert into people (tenant, person, name, roles) values ('demo', 'erin', 'Erin', '{approver}');
      insert into group_members (tenant, group_name, person) select 'demo', group_name, 'erin' from group_members where person = 'bob';
      update approval_requests set stages = replace(stages::text, '"bob"', '"erin"')::jsonb where state = 'open'`);
    expect((await post('/people/erin/changes', { do: 'leave' }))[0]).toBe(200);
    expect(codes(await ended(spine, waiting.id))).toEqual(['denied', 'approval_unsatisfiable']);
    expect(standing(waiting.id)).toEqual([0, 0, 0]);
  }, 60_000);
});

describe('K3 an agent that is quarantined', () => {
  it('T11 has the step that was under way undone, and nothing that was countersigned begun', async () => {
    const waiting = await pay(spine, largeInvoice(), { waitMs: 100 });
    const id = await whileBooking(async () => expect(await move('quarantine')).toEqual([200, 'quarantined']));
    expect((await vote(spine, 'bob', waiting.id, 'approve')).status).toBe(200);
    expect(codes(await ended(spine, id))).toEqual(['undone', 'agent_not_active']);
    expect(standing(id)).toEqual([1, 1, 0]);
    expect(codes(await ended(spine, waiting.id))).toEqual(['denied', 'agent_not_active']);
    expect(standing(waiting.id)).toEqual([0, 0, 0]);
    const live = await spine.auditor.query(`select from grants where state <> 'revoked'`);
    expect(live.rowCount).toBe(0);
  }, 60_000);
});

it('leaves every invariant standing', async () => {
  expect(await checkInvariants(spine)).toEqual([]);
}, 120_000);
