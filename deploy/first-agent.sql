-- An agent. Run it as the owner of the database; docs/deploy.md shows how. It enrols by the secret of `countersign agents credential issue`.
select set_config('app.tenant', :'tenant', false);
insert into agents (tenant, agent, version, owner, creator, team, environment, roles)
values (:'tenant', :'agent', '1', :'owner', :'owner', :'team', 'production', string_to_array(:'roles', ','))
on conflict do nothing;
