import { type Body, type Told, toldByGuards } from '../helpers/told-by-guards';
import { toldByProcesses } from '../helpers/told-by-processes';
import { createWorld, type World } from '../helpers/world';

/** That an action is to be cancelled the gateway hears from people and agents; a guard asks for it where an agent is offboarded. */
const HEARD_BY_GATEWAY = [{ key: 'action/x/cancel_requested', event: 'action.cancel_requested' }];

let world: World;
let told: Told;
beforeAll(async () => {
  world = await createWorld();
  told = toldByGuards(await bodies());
});
afterAll(() => world.close());

/** Every function that the migrations made. */
const bodies = (): Promise<Body[]> =>
  world.rows<Body>(
    `select proname as name, regexp_replace(coalesce(nullif(prosrc, ''), pg_get_functiondef(oid)), '--[^\\n]*', '', 'g') as text from pg_proc
     where pronamespace = 'public'::regnamespace and prokind = 'f' order by proname`,
  );

/** What a process may say before a guard or in its stead: what it tells itself under a key of a guard, or what a guard tells under any key. */
async function forged(role: 'gateway' | 'worker' | 'loops'): Promise<object[]> {
  const own = toldByProcesses();
  const keys = [...own.map(({ key }) => key), ...told.events.map((event) => `free/${event}`), 'free'];
  return await world.rows(
    `with said as (
       select key, event from unnest($2::text[]) key, unnest($3::text[] || $5::text[]) event
       union select key, event from unnest($2::text[] || $4::text[]) key, unnest($3::text[]) event)
     select key, event from said where may_tell('countersign_' || $1::text, key, event) order by key, event`,
    [role, told.keys, told.events, keys, [...own.map(({ event }) => event), 'a.b']],
  );
}

test('what the functions of the database write into the ledger is read from them, however they write it', () => {
  expect(told.keys).toEqual(
    expect.arrayContaining([
      ...['vote/x/x/x', 'fence/x/x', 'quarantine/x/x/config/x', 'agent/x/x/x', 'people/x/x', 'proposal/x/x'],
      ...['approval/x/rerouted/x', 'effect/x/x/x/x/begun', 'grant/x/claimed/x', 'init/x/refused/x'],
    ]),
  );
  expect(told.events).toEqual(
    expect.arrayContaining([
      ...['vote.cast', 'fence.moved', 'agent.quarantined', 'agent.moved', 'agent.review_lapsed', 'person.left'],
      ...['identity.unlinked', 'proposal.x', 'approval.rerouted', 'effect.begun', 'grant.minted', 'grant.rotated'],
    ]),
  );
});

test('and how it is not read is an error, so that nothing new is passed over', () => {
  const body = (text: string): Body[] => [{ name: 'new_guard', text }];
  const entry = `array[canonical_object(jsonb_build_object('event', 'new.event'))]`;
  expect(toldByGuards(body(`perform ledger_write(p, array['new/' || p_id], ${entry}, null);`))).toEqual({
    keys: ['new/x'],
    events: ['new.event'],
  });
  expect(
    toldByGuards(body(`perform ledger_write(p, array['a/' || p_id, 'b/' || p_id], ${entry}, null);`)).keys,
  ).toEqual(['a/x', 'b/x']);
  for (const unreadable of [
    `perform ledger_write(p, array[p_id || '/new'], ${entry}, null);`,
    `perform ledger_write(p, array[v_key], ${entry}, null);`,
    `perform ledger_write(p, array['new/' || p_id], array[v_entry], null);`,
    `perform write_or_owe(p, 'new/' || p_id, jsonb_build_object('event', p_event), null);`,
    `perform tell_life(p, p_agent, case p_what when 'a' then 'agent.a' else p_event end, '{}', null, false);`,
  ])
    expect(() => toldByGuards(body(unreadable))).toThrow('new_guard');
});

test.each(['worker', 'loops'] as const)('I7 the role %s says nothing of it, nor takes a key of it', async (role) => {
  expect(await forged(role)).toEqual([]);
});

test('I7 nor does the gateway, but for what it hears itself', async () => {
  expect(await forged('gateway')).toEqual(HEARD_BY_GATEWAY);
});
