import { type Stage } from './stage';

/** What the database says of effects since a stop, before it is lifted. The answer tells milliseconds: what began within the same one may have been before. */
const SINCE = `
  select count(*)::integer as n from effects
  where kind = 'do' and begun_at >= $1::timestamptz + interval '1 millisecond'`;

/** The whole tenant is stopped in the middle of everything, and goes on once two people say so. Answers with what began after the stop. */
export async function killAndLift(stage: Stage): Promise<number> {
  const { fleet, alice, bob, auditor, tell, ended } = stage;
  tell.chapter('Everything is stopped, in the middle of it');
  const working = fleet.filter(({ id }) => id !== fleet[6]?.id);
  const inFlight = Promise.all(working.map((agent) => agent.pay()));
  const since = await alice.stop('tenant');
  const during = await Promise.all(working.map((agent) => agent.pay()));
  ended.push(...(await inFlight), ...during);
  const { rows } = await auditor.query<{ n: number }>(SINCE, [since]);
  const after = rows[0]?.n ?? Number.NaN;
  tell.note(
    `Stopped by one row. ${String(during.filter(({ kind }) => kind !== 'executed').length)} requests since were refused; ${String(after)} effects began.`,
  );
  await bob.confirm(await alice.proposeLift('tenant'));
  tell.note('Alice proposed to lift it, and Bob confirmed. Nothing that was stopped begins again by itself.');
  ended.push(...(await Promise.all(working.map((agent) => agent.pay()))));
  return after;
}
