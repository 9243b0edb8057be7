-- An agent, and the key that it asks with. Run it as the owner of the database; docs/deploy.md shows how. The key itself comes nowhere near it.
select set_config('app.tenant', :'tenant', false);
insert into agents (tenant, agent, version, owner, creator, team, environment, roles)
values (:'tenant', :'agent', '1', :'owner', :'owner', :'team', 'production', string_to_array(:'roles', ','))
on conflict do nothing;
-- For a quarter, as `countersign agents key issue` does it; production refuses keys without an end.
insert into agent_keys (tenant, key_hash, agent, generation, expires_at)
values (:'tenant', decode(:'key_hash', 'hex'), :'agent', 1, now() + interval '90 days');
