-- A loop that was frozen while it told a request wakes up after its hold is over, and shows an older version over a newer one that another loop has
-- shown meanwhile. By the number of its hold it is known not to have had the last word.

alter table notices add column hold bigint not null default 0;
comment on column notices.hold is 'Which hold it is, counted up when it is taken and when somebody whose hold was lost spoke meanwhile: only who has this one knows what is shown.';
grant update (hold) on notices to countersign_loops;
