/**
 * The guards that everything rests on. `lines` stand in `file` exactly once; `instead` takes their place. Where a later migration redefines what
 * an earlier one made, the guard is in the later one. `built`: its tests run what was built.
 *
 * @typedef {{ file: string, name: RegExp }} NamedTest
 * @type {readonly { guard: string, file: string, lines: string, instead?: string, built?: boolean, tests: readonly NamedTest[] }[]}
 */
export const GUARDS = [
  {
    guard: 'a child begins nothing that one above it may not',
    file: 'db/migrations/0043_children.sql',
    lines: `line_stopped(p_tenant, a.agent, a.agent_generation, a.effect_class, d.effect = 'require_approval')`,
    instead: `(select agent_stopped(g.state, a.effect_class, d.effect = 'require_approval') from agents g where (g.tenant, g.agent) = (p_tenant, a.agent))`,
    tests: [
      { file: 'test/db/children.test.ts', name: /with its root ends in the moment in which that one is quarantined/ },
    ],
  },
  {
    guard: 'a fence of one above stops its children',
    file: 'db/migrations/0043_children.sql',
    lines: `\n       or scope in (select 'agent:' || l.agent from line_of(p_tenant, p_agent) l)`,
    instead: '',
    tests: [
      { file: 'test/db/children.test.ts', name: /with its root ends in the moment in which that one is stopped/ },
    ],
  },
  {
    guard: 'access that was lent to a child ends with one above it',
    file: 'db/migrations/0043_children.sql',
    lines: `line_stopped(a.tenant, a.agent, a.agent_generation, a.effect_class, true)`,
    instead: `(select agent_stopped(w.state, a.effect_class, true) from agents w where (w.tenant, w.agent) = (a.tenant, a.agent))`,
    tests: [
      {
        file: 'test/db/children.test.ts',
        name: /with its root as does access that it was lent, where that one is paused/,
      },
    ],
  },
  {
    guard: 'a stop of an action type matches something',
    file: 'db/migrations/0039_stops_match.sql',
    lines: `    when p_scope like 'action-type:%' and not knows_type(p_tenant, substr(p_scope, 13)) then 'not_found'\n`,
    tests: [{ file: 'test/db/stops.test.ts', name: /K1 is refused where nobody can ask for it/ }],
  },
  {
    guard: 'nobody votes on their own agent’s request',
    file: 'db/migrations/0008_people.sql',
    lines: `  if p_person in (select conflicted_people(p_tenant, r.action)) then return 'self_approval'; end if;\n`,
    tests: [
      { file: 'test/db/cast-vote.test.ts', name: /X8 an approver came to own the agent after the request opened/ },
    ],
  },
  {
    guard: 'a vote of somebody in conflict does not count',
    file: 'db/migrations/0018_denials_stand.sql',
    lines: `\n      and v.person not in (select conflicted_people(v.tenant, r.action))`,
    instead: '',
    tests: [{ file: 'test/db/begin-effect.test.ts', name: /one who countersigned has come to own the agent since/ }],
  },
  {
    guard: 'a denial stands whatever becomes of its person',
    file: 'db/migrations/0018_denials_stand.sql',
    lines: `v.choice = 'deny'`,
    instead: 'false',
    tests: [{ file: 'test/db/begin-effect.test.ts', name: /X7 I13 one denied it late, and has left since/ }],
  },
  {
    guard: 'a denial after the last approval stops the effect',
    file: 'db/migrations/0008_people.sql',
    lines: `    when exists (select from valid_votes v where v.tenant = r.tenant and v.request = r.request and v.choice = 'deny') then 'denied_late'\n`,
    tests: [{ file: 'test/activities/denial-race.test.ts', name: /X7 in whatever order/ }],
  },
  {
    guard: 'nothing from the future is Slack’s',
    file: 'channels/slack/is-from-slack.ts',
    lines: 'Math.abs(nowMs / 1_000 - Number(timestamp))',
    instead: 'nowMs / 1_000 - Number(timestamp)',
    tests: [{ file: 'test/channels/slack/is-from-slack.test.ts', name: /X4 600 seconds/ }],
  },
  {
    guard: 'a moment is written in one way',
    file: 'channels/slack/is-from-slack.ts',
    lines: '[1-9][0-9]{0,11}',
    instead: '[0-9]{1,12}',
    tests: [{ file: 'test/channels/slack/is-from-slack.test.ts', name: /X5 a moment is written in one way/ }],
  },
  {
    guard: 'a terminal is not told what to do by what others wrote',
    file: 'cli/show-approval.ts',
    lines: 'others.map(visibleText)',
    instead: 'others',
    tests: [{ file: 'test/cli/show-approval.test.ts', name: /X22 a terminal shows/ }],
  },
  {
    guard: 'a vote is on the digest that was shown',
    file: 'db/migrations/0008_people.sql',
    lines: `  if p_digest is distinct from r.digest then return 'digest_mismatch'; end if;\n`,
    tests: [{ file: 'test/db/cast-vote.test.ts', name: /X13 it is about something else than what would run/ }],
  },
  {
    guard: 'an effect begins on the digest that was decided',
    file: 'db/migrations/0043_children.sql',
    lines: ' and w.digest = p_digest and w.facts_digest = p_facts_digest',
    instead: '',
    tests: [{ file: 'test/db/begin-effect.test.ts', name: /X13 its digest is another/ }],
  },
  {
    guard: 'an effect does not begin behind a fence',
    file: 'db/migrations/0043_children.sql',
    lines: `    when v_fence.closed is not null then 'scope_fenced'\n`,
    tests: [{ file: 'test/db/begin-effect.test.ts', name: /I10 the fence of tenant is closed/ }],
  },
  {
    guard: 'nor after a fence that moved since the decision',
    file: 'db/migrations/0043_children.sql',
    lines: `    when v_fence.epochs <> d.epochs then 'fence_moved'\n`,
    tests: [{ file: 'test/db/kill-race.test.ts', name: /X68 a fence moved and lifted between decision and effect/ }],
  },
  {
    guard: 'no vote after the deadline',
    file: 'db/migrations/0008_people.sql',
    lines: `  if r.state = 'open' and clock_timestamp() >= r.deadline then return 'approval_expired'; end if;\n`,
    tests: [{ file: 'test/db/cast-vote.test.ts', name: /X16 it waited for a lock until its deadline had come/ }],
  },
  {
    guard: 'nobody cancels the ending of a credential',
    file: 'workflows/governed-action.ts',
    lines: 'await CancellationScope.nonCancellable(() => run(input, progress))',
    instead: 'await CancellationScope.cancellable(() => run(input, progress))',
    built: true,
    tests: [
      { file: 'test/spine/granted-interruptions.test.ts', name: /X56 .* in a workflow that is cancelled by hand/ },
    ],
  },
  {
    guard: 'an effect is begun once',
    file: 'db/migrations/0044_leases.sql',
    lines: `\n    where x.state = 'absent'\n`,
    instead: '\n',
    tests: [{ file: 'test/db/begin-effect.test.ts', name: /X15 an approval is used once/ }],
  },
  {
    guard: 'a request of Slack’s takes effect once',
    file: 'gateway/slack/cast-from-slack.ts',
    lines: 'throw new Replayed();',
    instead: 'return;',
    tests: [{ file: 'test/gateway/slack/signatures.test.ts', name: /X5 sent again within its time/ }],
  },
  {
    guard: 'Slack signed it',
    file: 'gateway/slack/take-interaction.ts',
    lines: 'if (!isFromSlack(signed, deps.slack.signingSecrets, Date.now())) {',
    instead: 'if (!isFromSlack(signed, deps.slack.signingSecrets, Date.now()) && body.length === 0) {',
    tests: [{ file: 'test/gateway/slack/signatures.test.ts', name: /X1 another secret/ }],
  },
  {
    guard: 'the bundle is signed by the key we trust',
    file: 'pdp/verify-manifest.ts',
    lines: `if (!keys.some((key) => verify(null, said, key, Buffer.from(signature, 'base64')))) {`,
    instead: `if (!keys.some((key) => verify(null, said, key, Buffer.from(signature, 'base64'))) && signature === '') {`,
    tests: [
      {
        file: 'test/pdp/open-bundle.test.ts',
        name: /X30 refuses the bundle of another deployment, signed by its own key/,
      },
    ],
  },
  {
    guard: 'a policy that says nothing denies',
    file: 'pdp/create-pdp.ts',
    lines: `return typeof folded === 'string' ?`,
    instead: `if (folded === 'undefined') return { effect: 'allow', findings: [], chains: [], bundleDigest: digest };\n      return typeof folded === 'string' ?`,
    tests: [
      { file: 'test/pdp/fail-closed.test.ts', name: /X29 a decision rule that gives no decision is a deny undefined/ },
    ],
  },
  {
    guard: 'what was never decided does not begin',
    file: 'db/migrations/0043_children.sql',
    lines: `order by f.decided_at desc limit 1) is distinct from false then 'not_decided'`,
    instead: `order by f.decided_at desc limit 1) then 'not_decided'`,
    tests: [{ file: 'test/db/begin-effect.test.ts', name: /X61 policy was not asked again/ }],
  },
  {
    guard: 'a retired key of bundles puts no bundle in force',
    file: 'worker/main.ts',
    lines: 'openBundle(signed, bundleKeys.current)',
    instead: 'openBundle(signed, everyPem(bundleKeys))',
    built: true,
    tests: [{ file: 'test/gateway/process.test.ts', name: /X30 it was signed by a key that was replaced/ }],
  },
  {
    guard: 'nor does a gateway begin with one of such a key',
    file: 'gateway/main.ts',
    lines: `required(config.bundle, 'COUNTERSIGN_BUNDLE'), bundleKeys.current)`,
    instead: `required(config.bundle, 'COUNTERSIGN_BUNDLE'), everyPem(bundleKeys))`,
    built: true,
    tests: [{ file: 'test/gateway/process.test.ts', name: /X30 it was signed by a key that was replaced/ }],
  },
  {
    guard: 'routes of operators are not where agents are',
    file: 'gateway/listener.ts',
    lines: `ROUTES.filter((route) => route.anyHost === true || (route.tag === 'operators') === (listener === 'operators'))`,
    instead: `ROUTES.filter((route) => route.anyHost === true || listener === 'agents' || route.tag === 'operators')`,
    tests: [{ file: 'test/gateway/listeners.test.ts', name: /the agents listener does not know/ }],
  },
  {
    guard: 'of two bundles of one version the first stays',
    file: 'db/migrations/0027_keys_in_use.sql',
    lines: `  if v_current.version = p_version then return 'taken'; end if;\n  if v_current.version > p_version then return 'older'; end if;\n`,
    instead: `  if v_current.version > p_version then return 'older'; end if;\n`,
    tests: [{ file: 'test/db/records.test.ts', name: /X30 of two that count the same/ }],
  },
  {
    guard: 'no process names a key of payloads but the first',
    file: 'db/migrations/0027_keys_in_use.sql',
    lines: `  if exists (select from payload_keys) then return false; end if;\n`,
    tests: [{ file: 'test/db/keys.test.ts', name: /a process names no key that the others lack/ }],
  },
  {
    guard: 'a key of payloads stays while a kept history needs it',
    file: 'db/migrations/0027_keys_in_use.sql',
    lines: `a.settled_at is null or a.settled_at > clock_timestamp() - p_kept`,
    instead: `false`,
    tests: [{ file: 'test/db/keys.test.ts', name: /not while an action of any tenant/ }],
  },
  {
    guard: 'a stop does not wait for the ledger',
    file: 'db/migrations/0026_stops_bite.sql',
    lines: `language plpgsql volatile set lock_timeout = '500ms'`,
    instead: `language plpgsql volatile`,
    tests: [{ file: 'test/db/owed-entries.test.ts', name: /X74 the first stop bites/ }],
  },
  {
    guard: 'what holds the gates open waits for less than a stop',
    file: 'db/migrations/0043_children.sql',
    lines: `pg_temp set lock_timeout = '2s'\nas $$\ndeclare\n  a actions;`,
    instead: `pg_temp set lock_timeout = '9s'\nas $$\ndeclare\n  a actions;`,
    tests: [{ file: 'test/db/owed-entries.test.ts', name: /X74 a stop does not wait for a ledger that is held/ }],
  },
  {
    guard: 'the name of a database is judged where it leads',
    file: 'providers/postgres/minter.ts',
    lines: `return { ...address, stream: () => pinnedSocket(lookup) };`,
    instead: `void lookup;\n    return { ...address, stream: () => pinnedSocket(undefined as never) };`,
    tests: [{ file: 'test/providers/postgres/egress.test.ts', name: /X60 names of databases/ }],
  },
  {
    guard: 'nobody reviews an agent that they stand behind',
    file: 'db/migrations/0040_agent_reviews.sql',
    lines: `    when p_actor in (select accounts_of(p_tenant, people_behind(p_tenant, p_agent))) then 'self_approval'\n`,
    instead: `    when false then 'self_approval'\n`,
    tests: [{ file: 'test/db/agent-reviews.test.ts', name: /X50 by somebody who could have let it in/ }],
  },
  {
    guard: 'a clock that is put forward reclaims nobody',
    file: 'db/migrations/0040_agent_reviews.sql',
    lines: `least(greatest(v_now - v_watch.seen_at, interval '0'), interval '1 hour')`,
    instead: `greatest(v_now - v_watch.seen_at, interval '0')`,
    tests: [{ file: 'test/db/agent-reviews.test.ts', name: /does not lapse by a clock that jumps/ }],
  },
];
