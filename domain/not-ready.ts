/** Why a process takes no work, or does less than it could; each with what that means. */
export const NOT_READY = {
  draining: 'It has been asked to stop, and finishes what it has in hand.',
  database_unavailable: 'The database does not answer.',
  migrations_behind: 'The database lacks a migration of this release.',
  bundle_stale: 'A newer policy bundle is in force than the one that was loaded.',
  ledger_read_only: 'The ledger takes no entries: the database is a standby, or this role may not append.',
  stops_unheard: 'It has not heard for five seconds what is stopped, and so lets nothing through.',
  codec_keys_changed: 'The file of the payload keys names a key that was not loaded, or cannot be read.',
  temporal_unavailable: 'The workflow service does not answer.',
  pollers_stopped: 'A worker of this process has stopped asking for tasks.',
} as const;

export type NotReady = keyof typeof NOT_READY;
