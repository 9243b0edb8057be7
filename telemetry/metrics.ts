interface Described {
  readonly help: string;
  /** Each takes a few values, which we choose: never an id, never what somebody sent, never anything about a person. */
  readonly labels: readonly string[];
  readonly from: readonly ('gateway' | 'worker')[];
}

/** What is counted since a process began. */
export const COUNTERS = {
  countersign_http_requests_total: {
    help: 'Requests answered, by template of the route.',
    labels: ['route', 'method', 'status'],
    from: ['gateway'],
  },
  countersign_actions_requested_total: {
    help: 'Actions recorded, once per idempotency key.',
    labels: ['type', 'lane'],
    from: ['gateway'],
  },
  countersign_votes_total: {
    help: 'Votes cast, by channel; result is `recorded` or the code of the refusal.',
    labels: ['channel', 'choice', 'result'],
    from: ['gateway'],
  },
  countersign_strangers_total: {
    help: 'Requests that nobody authenticated.',
    labels: ['kind'],
    from: ['gateway'],
  },
  countersign_decisions_total: {
    help: 'Decisions of policy; stage is `initial` or `preflight`.',
    labels: ['type', 'stage', 'effect'],
    from: ['worker'],
  },
  countersign_effects_total: {
    help: 'Ends of attempts at targets, in one direction (do or undo).',
    labels: ['kind', 'state'],
    from: ['worker'],
  },
  countersign_actions_settled_total: {
    help: 'Actions that ended, by type and ending.',
    labels: ['type', 'ending'],
    from: ['worker'],
  },
  countersign_loop_rounds_total: {
    help: 'Rounds of the loops; result is `ok` or `failed`.',
    labels: ['loop', 'result'],
    from: ['worker'],
  },
  countersign_checkpoint_failures_total: {
    help: 'Checkpoints not written; outcome is `refused` where the ledger contradicts what was signed, else `failed`.',
    labels: ['outcome'],
    from: ['worker'],
  },
  countersign_channel_failures_total: {
    help: 'Requests that a channel could not show; it is tried again.',
    labels: ['channel'],
    from: ['worker'],
  },
  countersign_ledger_failures_total: {
    help: 'Appends to the ledger that failed; what depended on them did not happen.',
    labels: [],
    from: ['gateway', 'worker'],
  },
} as const satisfies Readonly<Record<string, Described>>;

/** What takes time, in seconds. */
export const HISTOGRAMS = {
  countersign_http_request_seconds: {
    help: 'Time to answer. Submissions and long polls wait on purpose.',
    labels: ['route'],
    from: ['gateway'],
    /** Up to the longest wait that is allowed. */
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  countersign_action_seconds: {
    help: 'From request to end, people included.',
    labels: ['type', 'ending'],
    from: ['worker'],
    /** From a call that policy allows to a request that waits for a week. */
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200, 43_200, 259_200, 604_800],
  },
} as const satisfies Readonly<Record<string, Described & { readonly buckets: readonly number[] }>>;

/** What is so at this moment. Those with `measure` are counted in Postgres, over every tenant. */
export const GAUGES = {
  countersign_open_actions: { help: 'Actions that have not ended, by state.', labels: ['state'], measure: true },
  countersign_oldest_open_action_seconds: { help: 'Age of the oldest of them.', labels: [], measure: true },
  countersign_outbox_pending: { help: 'Wake-ups that nobody has delivered.', labels: [], measure: true },
  countersign_outbox_age_seconds: { help: 'Age of the oldest of them.', labels: [], measure: true },
  countersign_live_grants: { help: 'Credentials that may be alive.', labels: [], measure: true },
  countersign_overdue_revocations: {
    help: 'Those alive half a minute after their time, or after eight tries to end them.',
    labels: [],
    measure: true,
  },
  countersign_open_tasks: { help: 'What only a person can settle.', labels: ['kind'], measure: true },
  countersign_untold_notices: { help: 'Requests that a channel could not show so far.', labels: [], measure: true },
  countersign_unanchored_ledger_seconds: {
    help: 'Age of the oldest entry that no checkpoint covers.',
    labels: [],
    measure: true,
  },
  countersign_bundle_in_force_version: { help: 'Version of the newest bundle activated.', labels: [], measure: true },
  countersign_bundle_loaded_version: { help: 'Version of the bundle that this process holds.', labels: [] },
  countersign_database_up: { help: '1 when Postgres answered this scrape.', labels: [] },
  countersign_temporal_up: { help: '1 when Temporal answered this scrape.', labels: [] },
  countersign_pollers: { help: 'Workers that asked for tasks of a queue in the last two minutes.', labels: ['queue'] },
} as const satisfies Readonly<Record<string, Omit<Described, 'from'> & { readonly measure?: true }>>;

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type GaugeName = keyof typeof GAUGES;
