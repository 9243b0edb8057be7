-- Who tells a request holds it for as long as that takes, also when it changes meanwhile: two who tell the same would send two messages of it.

alter table notices add column held_until timestamptz not null default '-infinity';
comment on column notices.held_until is 'One loop tells the request until then, and puts it off while it lives; of a loop that died it is free soon.';
grant update (held_until) on notices to countersign_loops;
