import { type Stage } from './stage';

/** What the database says of effects between a stop and its lifting. */
const AFTER_FENCE = `
  select count(*)::integer as n from effects e, lateral (
    select (l.leaf::jsonb ->> 'at')::timestamptz as at from ledger l
    where l.tenant = e.tenant and l.key like 'fence/tenant/%' order by l.seq) f
  where e.kind = 'do' and e.begun_at > f.at and e.begun_at < $1::timestamptz`;

/** The whole tenant is stopped in the middle of everything, and goes on once two people say so. Answers with what began after the stop. */
export async function killAndLift(stage: Stage): Promise<number> {
  const { fleet, alice, bob, auditor, tell, ended } = stage;
  tell.chapter('Everything is stopped, in the middle of it');
  const working = fleet.filter(({ id }) => id !== fleet[6]?.id);
  const inFlight = Promise.all(working.map((agent) => agent.pay()));
  await alice.stop('tenant');
  const during = await Promise.all(working.map((agent) => agent.pay()));
  ended.push(...(await inFlight), ...during);
  const { rows: clock } = await auditor.query<{ now: Date }>('select clock_timestamp() as now');
  const { rows } = await auditor.query<{ n: number }>(AFTER_FENCE, [clock[0]?.now]);
  const after = rows[0]?.n ?? Number.NaN;
  tell.note(
    `Stopped by one row. ${String(during.filter(({ kind }) => kind !== 'executed').length)} requests since were refused; ${String(after)} effects began.`,
  );
  await bob.confirm(await alice.proposeLift('tenant'));
  tell.note('Alice proposed to lift it, and Bob confirmed. Nothing that was stopped begins again by itself.');
  ended.push(...(await Promise.all(working.map((agent) => agent.pay()))));
  return after;
}
