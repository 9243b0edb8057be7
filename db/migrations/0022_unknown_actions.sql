-- A worker that is asked for an action that nobody requested was asked by somebody who reaches Temporal and not the gateway. It counts that, as the
-- gateway counts strangers.
grant select, insert, update on security_events to countersign_worker;
comment on table security_events is 'What came from nobody we know, a request or a workflow, counted by the minute so that a flood cannot fill the disk.';
