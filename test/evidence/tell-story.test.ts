import { type LedgerReport } from '../../evidence/ledger-report';
import { canonicalJson } from '../../evidence/canonical-json';
import { type JsonObject } from '../../domain/json';
import { type Story } from '../../evidence/story';
import { storyEntry, type StoryEntry } from '../../evidence/story-entry';
import { tellStory } from '../../evidence/tell-story';
import { showStory } from '../../cli/show-story';
import { storyPage } from '../../cli/story-page';

const ID = 'act-0193d5a2-5c1e-7b3a-9d40-1f2e3c4b5a69';
const REQUEST = `apr-${ID.slice(4)}-1`;
const DIGEST = `sha256:${'5f'.repeat(32)}`;

type Recorded = readonly [event: string, entry: JsonObject, body?: JsonObject];

const REQUESTED: Recorded = [
  'action.requested',
  {
    ...{ action: ID, agent: 'janitor', agentVersion: '4', generation: 2, owner: 'alex', team: 'storage' },
    ...{ environment: 'production', type: 'storage.delete_bucket', typeVersion: 2, lane: 'brokered', risk: 'high' },
    digest: DIGEST,
  },
  { because: 'Retention ended.', context: { model: 'm-1', promptDigest: 'sha256:aa', sources: ['wiki'] } },
];
const DECIDED: Recorded = [
  'action.decided',
  {
    ...{ action: ID, round: 1, digest: DIGEST, effect: 'require_approval', chains: ['storage-one'], codes: ['full'] },
    ...{ bundleDigest: 'sha256:bb', request: REQUEST, asked: [{ need: 1, people: 2 }], card: 'sha256:cc' },
    ...{ deadline: '2026-03-03T09:30:00.000Z', validForMs: 60_000 },
  },
  {
    ...{ inputDigest: 'sha256:dd', factsDigest: 'sha256:ee', excluded: ['alex'] },
    asked: [{ from: ['group:keepers'], eligible: ['dana', 'eli'] }],
  },
];
const vote = (person: string, choice: string, more: JsonObject = {}): Recorded => [
  'vote.cast',
  { action: ID, request: REQUEST, person, choice, channel: 'cli', stage: 0, digest: DIGEST, ...more },
  { reason: 'ok' },
];
const CLOSED: Recorded = [
  'approval.closed',
  { action: ID, request: REQUEST, digest: DIGEST, state: 'approved', approvedBy: ['dana'] },
];
const effect = (state: string, kind = 'do', attempt = 1, more: JsonObject = {}): Recorded => [
  `effect.${state}`,
  {
    ...{ action: ID, step: 'remove', kind, attempt, grant: `${ID}.remove.${kind}.${String(attempt)}` },
    ...(state === 'begun'
      ? { agent: 'janitor', digest: DIGEST, idempotencyKey: `acme/${ID}/remove/${kind}`, round: 1, target: 'storage' }
      : { code: null, reconciled: false }),
    ...more,
  },
];
const ended = (kind = 'do', attempt = 1): Recorded => [
  'grant.ended',
  { grant: `${ID}.remove.${kind}.${String(attempt)}`, endedBy: 'revoked' },
];
const settled = (ending: string): Recorded => [
  'action.settled',
  { action: ID, ending, digest: DIGEST, round: 1, codes: [] },
];

/** Entries as a database or an export shows them, one second apart; `body` undefined in the row: an export without bodies. */
function entriesOf(recorded: readonly Recorded[], bodies: 'there' | 'erased' | 'withheld' = 'there'): StoryEntry[] {
  return recorded.flatMap(([event, entry, body], seq) => {
    const leaf = canonicalJson({
      at: `2026-03-02T09:30:${String(seq).padStart(2, '0')}.000Z`,
      body: body === undefined ? null : DIGEST,
      entry: { ...entry, event },
      key: `k/${String(seq)}`,
      seq,
      tenant: 'acme',
      v: 1,
    });
    const held = body === undefined ? null : { text: canonicalJson(body), salt: Buffer.alloc(32) };
    const row = { there: held, erased: null, withheld: undefined }[bodies];
    return storyEntry({ leaf, body: row }, ID) ?? [];
  });
}

const report = (more: Partial<LedgerReport> = {}): LedgerReport => ({
  ...{ ok: true, tenant: 'acme', size: 99, root: '', checkpoints: 1, erasedBodies: 0, findings: [], warnings: [] },
  ...{ anchored: { from: 0, to: 99 }, unanchored: { from: 99, to: 99 } },
  ...more,
});
const told = (...recorded: readonly Recorded[]): Story => tellStory(ID, entriesOf(recorded), report());

const FULL: readonly Recorded[] = [
  ...[REQUESTED, DECIDED, vote('dana', 'approve'), CLOSED, effect('begun'), effect('done'), ended()],
  settled('executed'),
];

describe('a story', () => {
  it('of a full run has no unknowns', () => {
    const story = told(...FULL);
    expect(story.unknown).toEqual([]);
    expect(story).toMatchObject({
      asked: { agent: 'janitor', generation: 2, owner: 'alex', because: { kind: 'said', value: 'Retention ended.' } },
      rounds: [
        {
          decision: { codes: ['full'], inputDigest: { kind: 'said', value: 'sha256:dd' } },
          approval: {
            card: 'sha256:cc',
            excluded: { value: ['alex'] },
            stages: [{ need: 1, people: 2, eligible: { value: ['dana', 'eli'] }, escalated: { kind: 'nothing' } }],
            votes: [{ person: 'dana', channel: 'cli', onThisDigest: true, reason: { value: 'ok' } }],
          },
        },
      ],
      effects: [{ step: 'remove', target: 'storage', learned: [{ state: 'done', reconciled: false }] }],
      credentials: [{ target: 'storage', ended: { by: 'revoked' } }],
      outcome: { ending: 'executed' },
    });
  });

  it('says which message people had before them when they decided', () => {
    const shown: Recorded = [
      'approval.shown',
      { action: ID, request: REQUEST, surface: 'slack/card', version: 1, shown: 'sha256:ff' },
    ];
    const story = told(REQUESTED, DECIDED, shown, vote('dana', 'approve'), CLOSED, settled('executed'));
    expect(story.rounds[0]?.approval?.shown).toEqual([
      { at: '2026-03-02T09:30:02.000Z', surface: 'slack/card', digest: 'sha256:ff' },
    ]);
    expect(showStory(story)).toMatch(/shown.*slack\/card.*sha256:ff/);
  });

  it('leaves out what is about others', () => {
    const other: Recorded = ['action.requested', { ...REQUESTED[1], action: `${ID}0` }];
    const grant: Recorded = ['grant.ended', { grant: `${ID}0.remove.do.1`, endedBy: 'expired' }];
    expect(told(...FULL, other, grant)).toEqual(told(...FULL));
  });

  it('keeps an entry that it cannot place in the timeline', () => {
    const mailed: Recorded = ['card.posted', { action: ID, channel: 'slack' }];
    expect(told(REQUESTED, mailed).timeline.map(({ event }) => event)).toEqual(['action.requested', 'card.posted']);
  });

  it('tells a second round by why there was one', () => {
    const again = { round: 2, digest: 'sha256:02', request: `${REQUEST.slice(0, -1)}2` };
    const story = told(
      ...[REQUESTED, DECIDED, vote('dana', 'approve'), CLOSED],
      ['action.reconsidered', { action: ID, round: 2, digest: 'sha256:02', why: 'envelope_changed' }],
      ['action.decided', { ...DECIDED[1], ...again }, DECIDED[2] ?? {}],
      vote('eli', 'approve', { ...again }),
      vote('dana', 'deny', { ...again, digest: DIGEST }),
      ['approval.closed', { action: ID, request: again.request, digest: 'sha256:02', state: 'rejected' }],
      settled('rejected'),
    );
    expect(story.unknown).toEqual([]);
    expect(story.rounds.map(({ round, why }) => [round, why])).toEqual([
      [1, 'requested'],
      [2, 'envelope_changed'],
    ]);
    expect(story.rounds[1]?.approval?.votes.map(({ onThisDigest }) => onThisDigest)).toEqual([true, false]);
  });

  it('tells an undone action, its tasks and its cancellation', () => {
    const task = `${ID}.remove.unknown_outcome.1`;
    const about = { action: ID, step: 'remove', task, kind: 'unknown_outcome' };
    const story = told(
      ...[REQUESTED, DECIDED, vote('dana', 'approve'), CLOSED, effect('begun')],
      effect('unknown', 'do', 1, { code: 'timeout' }),
      ended(),
      ['task.opened', about],
      ['task.resolved', { ...about, person: 'robin', resolution: 'happened' }, { reason: 'I looked.' }],
      effect('done', 'do', 1, { reconciled: true }),
      ['action.cancel_requested', { action: ID, by: 'person:robin' }, { reason: 'too late' }],
      ...[effect('begun', 'undo'), effect('done', 'undo'), ended('undo'), settled('undone')],
    );
    expect(story.unknown).toEqual([]);
    expect(story.effects.map(({ kind, learned }) => [kind, learned.map(({ state }) => state)])).toEqual([
      ['do', ['unknown', 'done']],
      ['undo', ['done']],
    ]);
    expect(story.tasks).toMatchObject([
      { resolved: { person: 'robin', resolution: 'happened', reason: { value: 'I looked.' } } },
    ]);
    expect(story.cancellation).toMatchObject({ by: 'person:robin', reason: { value: 'too late' } });
    expect(showStory(story)).toContain('robin');
  });

  it.each<[string, string, readonly Recorded[]]>([
    ['who asked', 'who asked, and for what', FULL.slice(1)],
    ['what policy said', 'what policy said', [REQUESTED, settled('denied')]],
    ['how an approval ended', `how ${REQUEST} ended`, FULL.filter((each) => each !== CLOSED)],
    ['whether an effect happened', 'whether remove/do/1 happened', FULL.filter(([event]) => event !== 'effect.done')],
    ['what an effect was begun under', 'grant of remove/do/1', FULL.filter(([event]) => event !== 'effect.begun')],
    [
      'how a credential ended',
      `how the credential ${ID}.remove.do.1 ended`,
      FULL.filter(([event]) => event !== 'grant.ended'),
    ],
    [
      'why there was another round',
      'why round 2',
      [...FULL, ['action.decided', { ...DECIDED[1], round: 2, request: null }]],
    ],
    [
      'what an older version did not write down',
      'owner of action.requested',
      [['action.requested', { action: ID, agent: 'janitor', type: 't' }], ...FULL.slice(1)],
    ],
    [
      'who was asked, where an older version did not write it down',
      `who was asked to countersign, in ${REQUEST}`,
      [REQUESTED, ['action.decided', { action: ID, round: 1, request: REQUEST }], ...FULL.slice(2)],
    ],
  ])('admits that it does not know %s', (_, gap, recorded) => {
    const story = told(...recorded);
    expect(story.unknown).toContain(gap);
    expect(showStory(story)).toContain('What the ledger does not say');
    expect(storyPage(story)).toContain(' unknown, listed at the end');
  });

  it('has no unknowns while it is not over, for nothing is missing yet', () => {
    const story = told(REQUESTED, DECIDED, vote('eli', 'approve'));
    expect(story).toMatchObject({ unknown: [], outcome: null });
    expect(showStory(story)).toContain(`it waits for people (${REQUEST})`);
    expect(told(...FULL.slice(0, 5)).unknown).toEqual([]);
  });

  it.each(['erased', 'withheld'] as const)(
    'says that words were %s, and who, what and by whose leave all the same',
    (kind) => {
      const story = tellStory(ID, entriesOf(FULL, kind), report());
      expect(story.unknown).toEqual([]);
      expect(story.asked).toMatchObject({ agent: 'janitor', because: { kind }, context: { kind } });
      expect(story.rounds[0]?.approval).toMatchObject({
        stages: [{ need: 1, people: 2, eligible: { kind } }],
        votes: [{ reason: { kind } }],
      });
      expect(showStory(story)).toContain({ erased: 'erased; the entry proves', withheld: 'not in this export' }[kind]);
    },
  );

  it('says how far it is proved', () => {
    const partly = tellStory(ID, entriesOf(FULL), report({ anchored: { from: 0, to: 4 } }));
    expect(partly.timeline.filter(({ covered }) => covered)).toHaveLength(4);
    expect(showStory(partly)).toContain('4 of 8 entries, by a signed checkpoint over 4');
    const findings = [{ code: 'leaf_edited' as const, seq: 2, message: 'the leaf and its stored hash differ' }];
    const broken = tellStory(ID, entriesOf(FULL), report({ ok: false, firstBad: 2, findings }));
    expect(broken.timeline.filter(({ covered }) => covered)).toHaveLength(2);
    expect(broken.proof).toEqual({
      verified: false,
      coveredTo: 2,
      findings: ['leaf_edited: the leaf and its stored hash differ'],
    });
    expect(storyPage(broken)).toContain('The ledger failed verification');
  });
});

describe('a page', () => {
  const hostile = '</dd><script>alert("1")</script>\u202e\u2066\u200b\u0000\u001b[2J & \'x\'';
  const page = storyPage(
    told(
      [
        'action.requested',
        { ...REQUESTED[1], agent: hostile },
        { because: hostile, context: { [hostile]: hostile, deep: { [hostile]: 1 } } },
      ],
      [DECIDED[0], DECIDED[1], { asked: [{ from: [hostile], eligible: [hostile] }], excluded: [hostile] }],
      vote(hostile, hostile, { channel: hostile }),
    ),
  );

  it('escapes whatever anybody wrote, and shows what would hide or reorder it', () => {
    expect(page).not.toMatch(/<script|<\/dd><s|alert\("/);
    expect(page).not.toMatch(/[\u202e\u2066\u200b\u0000\u001b]/u);
    expect(page).toContain(
      '&lt;/dd&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;\\u{202e}\\u{2066}\\u{200b}\\u{0}\\u{1b}[2J &amp; &#39;x&#39;',
    );
  });

  it('needs nothing from elsewhere, and runs nothing', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<(script|link|img|iframe|object|base|form)\b|\s(src|href|on\w+)=|url\(|@import/i);
    expect(page.match(/<dt>/g)?.length).toBe(page.match(/<\/dd>/g)?.length);
  });

  it('text for a terminal shows them too', () => {
    const text = showStory(told(['action.requested', { ...REQUESTED[1] }, { because: hostile }]));
    expect(text).toContain('\\u{202e}\\u{2066}\\u{200b}\\u{0}\\u{1b}[2J');
    expect(text).not.toMatch(/[\u202e\u2066\u200b\u0000]/u);
  });
});
