-- What agents report of an earlier time than they did before is told apart by the latest time of each stream.

create index reported_decisions_time on reported_decisions (tenant, agent, generation, stream, claimed_at) where verdict <> 'mismatch';

comment on table served_identities is
  'Who agents were told that they are, and when last: an honest process goes on with it for a minute after a role or a version was changed, and may report for a day what it decided by then.';
