-- A restored database is acknowledged for one checkpoint and not for a number of entries, which another log may come to have as well. What was
-- acknowledged before this is asked for once more.

alter table ledger_doubts add column checkpoint text not null default 'unknown';
alter table ledger_doubts alter column checkpoint drop default;
alter table ledger_doubts drop constraint ledger_doubts_pkey;
alter table ledger_doubts add primary key (tenant, contradicts, checkpoint);
comment on column ledger_doubts.checkpoint is 'The hash of the whole signed note, as the one after it names it.';
