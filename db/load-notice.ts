import { type PoolClient } from 'pg';
import { type NoticeRecord } from '../domain/notice-record';

/** A request for approval with everything that a channel may show of it. */
export async function loadNotice(
  client: PoolClient,
  tenant: string,
  request: string,
): Promise<NoticeRecord | undefined> {
  const { rows } = await client.query<NoticeRecord>(
    `select r.tenant, r.request, r.action, n.version::float8 as version, r.state, a.state as "actionState", r.digest,
       a.type, a.type_version as "typeVersion", a.risk, a.effect_class as effect, a.lane, a.environment, a.agent, a.team,
       a.agent_owner as owner, a.on_behalf_of as "onBehalfOf", a.params, w.facts, a.because, d.findings, r.stages as "openStages",
       array(select conflicted_people(r.tenant, r.action)) as conflicted, r.reminders,
       (select b.facts from action_rounds b where (b.tenant, b.action, b.round) = (r.tenant, r.action, r.round - 1)) as "factsBefore",
       r.opened_at as "openedAt", r.deadline, r.closed_at as "closedAt", a.settled_at as "settledAt",
       coalesce((select jsonb_agg(o ->> 'message') from jsonb_array_elements(a.outcome -> 'reasons') o), '[]') as why,
       (extract(epoch from clock_timestamp() - r.opened_at) * 1000)::float8 as "sinceOpenedMs",
       coalesce((select jsonb_agg(jsonb_build_object('person', v.person, 'accounts', array(select accounts_of(v.tenant, array[v.person])), 'choice', v.choice, 'channel', v.channel, 'reason', v.reason,
           'stage', v.stage, 'at', to_char(v.cast_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'counts', exists (select from valid_votes c where (c.tenant, c.request, c.person, c.choice) = (v.tenant, v.request, v.person, v.choice)))
           order by v.cast_at, v.person)
         from votes v where (v.tenant, v.request) = (r.tenant, r.request)), '[]') as votes
     from approval_requests r
     join notices n using (tenant, request)
     join actions a using (tenant, action)
     join action_rounds w on (w.tenant, w.action, w.round) = (r.tenant, r.action, r.round)
     left join decisions d on (d.tenant, d.action, d.round, d.stage) = (r.tenant, r.action, r.round, 'initial')
     where r.tenant = $1::text and r.request = $2::text`,
    [tenant, request],
  );
  return rows[0];
}
