import { purgeSpent } from '../../db/purge-spent';
import { askPeople, seedAction, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

it('forgets what is good no more, and nothing else', async () => {
  const tenant = await seedTenant(world);
  const action = await seedAction(world, tenant);
  await askPeople(world, action);
  for (const ago of ['1 minute', '20 minutes'])
    await world.rows(
      `insert into slack_deliveries (tenant, delivery, received_at) values ($1, sha256(convert_to($2::text, 'UTF8')), now() - $2::text::interval)`,
      [tenant, ago],
    );
  for (const ago of ['1 hour', '2 days']) {
    await world.rows(
      `insert into slack_link_codes (tenant, code_hash, slack_team, slack_user, expires_at) values ($1, sha256(convert_to($2::text, 'UTF8')), 'T1', 'U1', now() - $2::text::interval)`,
      [tenant, ago],
    );
    await world.rows(
      `insert into mail_links (tenant, token_hash, request, person, digest, expires_at) values ($1, sha256(convert_to($2::text, 'UTF8')), $3, 'bob', $4, now() - $2::text::interval)`,
      [tenant, ago, action.request, action.digest],
    );
  }
  for (const done of ['1 hour', '2 days', null])
    await world.rows(
      `insert into outbox (tenant, kind, action, due_at, done_at) values ($1, 'wake', $2, now() - interval '3 days', now() - $3::text::interval)`,
      [tenant, action.actionId, done],
    );
  for (const made of ['29 days', '31 days'])
    await world.rows(
      `insert into agent_notes (tenant, agent, person, kind, made_at) values ($1, 'payer', 'alice', 'idle', now() - $2::text::interval)`,
      [tenant, made],
    );
  for (const minute of ['29 days', '31 days'])
    await world.rows(
      `insert into security_events (minute, kind, source) values (now() - $1::text::interval, 'unknown_credentials', '192.0.2.1')`,
      [minute],
    );
  const client = await world.loops.connect();
  await purgeSpent(client);
  client.release();
  const [left] = await world.rows(
    `select (select count(*)::integer from slack_deliveries) as deliveries, (select count(*)::integer from slack_link_codes) as codes,
       (select count(*)::integer from mail_links) as links, (select count(*)::integer from outbox where kind = 'wake') as messages,
       (select count(*)::integer from agent_notes) as notes,
       (select count(*)::integer from security_events) as strangers`,
  );
  expect(left).toEqual({ deliveries: 1, codes: 1, links: 1, messages: 2, notes: 1, strangers: 1 });
});
