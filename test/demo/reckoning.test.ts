import { type ShownCard } from '../../demo/doubles/slack/cards-of';
import { type LedgerEntry } from '../../demo/reckoning/ledger-entry';
import { loginRoleOf } from '../../demo/reckoning/login-role';
import { type Evidence, reckon } from '../../demo/reckoning/reckoning';
import { type WitnessRecord } from '../../demo/services/witness-book';
import { type Handled } from '../../demo/handled';

const EUR = 'EUR';

function handled(file: string, ending: Handled['ending'], actionId?: string, account?: string): Handled {
  const params = { invoiceId: file, vendorId: 'globex', amountMinor: 100, currency: EUR };
  const known = { actionId, params: account === undefined ? params : { ...params, account } };
  return { file, expected: ending, ending, why: [], ...(actionId === undefined ? {} : known) } as Handled;
}

function effect(
  service: string,
  operation: string,
  action: string,
  step: string,
  changes: Partial<WitnessRecord> = {},
): WitnessRecord {
  return {
    service,
    at: 1_000,
    kind: 'effect',
    operation,
    status: 201,
    key: `demo/${action}/${step}`,
    tenant: 'demo',
    actionId: action,
    tokenId: `${action}.${step}`,
    invoiceId: action,
    ...changes,
  };
}

/** A row of the books, by the login role that was made for it. */
function posting(action: string, step: string, changes: Partial<WitnessRecord> = {}): WitnessRecord {
  const role = loginRoleOf(`${action}.${step}`);
  return effect('books', 'insertPosting', action, step, { tokenId: role, amountMinor: 100, currency: EUR, ...changes });
}

/** One action executed after two people approved it, one undone, one denied, one file refused, one posted and reversed. */
function evidence(): Evidence & { ledger: { entries: LedgerEntry[]; verified: boolean } } {
  const events: readonly Record<string, unknown>[] = [
    {
      ...{ event: 'action.decided', action: 'a', round: 1, digest: 'd-a', effect: 'require_approval', request: 'r-a' },
      asked: [
        { need: 1, people: 2 },
        { need: 1, people: 2 },
      ],
    },
    voteOf('bob', 0),
    voteOf('carol', 1),
    { event: 'approval.closed', action: 'a', request: 'r-a', digest: 'd-a', state: 'approved' },
    ...begun('a', 'book'),
    { event: 'effect.done', action: 'a', step: 'book', reconciled: false },
    ...begun('a', 'post'),
    { event: 'effect.done', action: 'a', step: 'post', reconciled: false },
    ...begun('a', 'pay'),
    { event: 'effect.done', action: 'a', step: 'pay', reconciled: true },
    { event: 'action.settled', action: 'a', ending: 'executed' },
    { event: 'action.decided', action: 'b', round: 1, digest: 'd-b', effect: 'allow', request: null },
    ...begun('b', 'book'),
    ...begun('b', 'post'),
    ...begun('b', 'unpost'),
    ...begun('b', 'unbook'),
    { event: 'action.settled', action: 'b', ending: 'undone' },
    { event: 'action.decided', action: 'c', round: 1, digest: 'd-c', effect: 'deny', request: null },
    { event: 'action.settled', action: 'c', ending: 'denied' },
    ...begun('l', 'look'),
    { event: 'action.settled', action: 'l', ending: 'executed' },
  ];
  return {
    handled: [
      { ...handled('a', 'executed', 'a', '6000'), approvers: ['bob', 'carol'] },
      handled('b', 'undone', 'b', '6000'),
      handled('c', 'denied', 'c'),
      handled('d', 'invalid'),
    ],
    witness: [
      effect('erp', 'insertBooking', 'a', 'book'),
      posting('a', 'post'),
      effect('payments', 'createPayment', 'a', 'pay', { amountMinor: 100, currency: EUR }),
      effect('payments', 'createPayment', 'a', 'pay', { kind: 'repeated', amountMinor: 100, currency: EUR }),
      effect('erp', 'insertBooking', 'b', 'book'),
      posting('b', 'post'),
      posting('b', 'unpost', { operation: 'reversePosting', amountMinor: -100 }),
      effect('payments', 'createPayment', 'b', 'pay', { kind: 'refused', status: 422 }),
      effect('erp', 'deleteBooking', 'b', 'unbook'),
    ],
    ledger: {
      entries: events.map((entry, seq) => ({ seq, at: seq, event: String(entry['event']), entry })),
      verified: true,
    },
    lent: { actionId: 'l', role: loginRoleOf('l.look'), stillWorks: [] },
    rolesSeen: ['a.post', 'b.post', 'b.unpost', 'b.unpost.status', 'l.look'].map(loginRoleOf),
    liveCredentials: [],
    told: {
      cards: [card('r-a', 'a', 'Approved by bob and carol. The action ended: executed.')],
      mails: 2,
      malformed: [],
    },
  };
}

/** A card as it stands in Slack at last. */
function card(request: string, action: string, text: string, ...buttons: readonly string[]): ShownCard {
  const message = { channel: 'C1', ts: '1', threadTs: undefined, versions: [] };
  return { message, request, action, headline: 'Pay', text, buttons: new Map(buttons.map((each) => [each, each])) };
}

function voteOf(person: string, stage: number): Record<string, unknown> {
  return { event: 'vote.cast', action: 'a', request: 'r-a', digest: 'd-a', person, stage, choice: 'approve' };
}

function begun(action: string, step: string): Record<string, unknown>[] {
  const about = {
    action,
    round: 1,
    digest: `d-${action}`,
    grant: `${action}.${step}`,
    idempotencyKey: `demo/${action}/${step}`,
  };
  return [
    { event: 'effect.begun', ...about },
    { event: 'grant.ended', grant: `${action}.${step}` },
  ];
}

test('what agrees is counted, and nothing differs', () => {
  expect(reckon(evidence())).toEqual({
    tally: {
      submitted: 4,
      executed: 1,
      denied: 1,
      rejected: 0,
      expired: 0,
      undone: 1,
      reconciled: 1,
      invalid: 1,
      witnessEffects: 1,
      duplicateEffects: 0,
      unauthorisedEffects: 0,
      granted: 10,
      liveGrants: 0,
      mails: 2,
      cards: 1,
      staleCards: 0,
      ledger: { entries: 29, verified: true },
    },
    differences: [],
  });
});

type Mutable = ReturnType<typeof evidence> & {
  handled: Handled[];
  witness: WitnessRecord[];
  liveCredentials: string[];
  rolesSeen: string[];
  lent: Evidence['lent'];
  told: { cards: ShownCard[]; mails: number; malformed: string[] };
};
const recordOf = (it: Mutable, operation: string, action: string): number =>
  it.witness.findIndex((record) => record.operation === operation && record.actionId === action);
const alter = (operation: string, action: string, changes: Partial<WitnessRecord>) => (it: Mutable) => {
  const index = recordOf(it, operation, action);
  it.witness[index] = { ...(it.witness[index] as WitnessRecord), ...changes };
};
const drop = (operation: string, action: string) => (it: Mutable) => {
  it.witness = it.witness.filter((record) => record.operation !== operation || record.actionId !== action);
};
const changeVote = (person: string, changes: Record<string, unknown>) => (it: Mutable) => {
  it.ledger.entries = it.ledger.entries.map((entry) =>
    entry.entry['person'] === person ? { ...entry, entry: { ...entry.entry, ...changes } } : entry,
  );
};
const without = (event: string, action: string) => (it: Mutable) => {
  it.ledger.entries = it.ledger.entries.filter(
    ({ entry }) => !(entry['event'] === event && entry['action'] === action),
  );
};

const lies: readonly [string, (it: Mutable) => void, RegExp][] = [
  [
    'a payment that the ledger does not know',
    (it) => it.witness.push(effect('payments', 'createPayment', 'x', 'pay', { amountMinor: 1, currency: EUR })),
    /no decision|never asked/,
  ],
  [
    'a payment made twice under one key',
    (it) => it.witness.push(effect('payments', 'createPayment', 'a', 'pay', { amountMinor: 100, currency: EUR })),
    /happened twice/,
  ],
  [
    'one invoice paid under two keys',
    (it) => it.witness.push(effect('payments', 'createPayment', 'a', 'pay2', { amountMinor: 100, currency: EUR })),
    /happened twice/,
  ],
  ['a payment under another credential', alter('createPayment', 'a', { tokenId: 'stolen' }), /no decision/],
  ['a payment of another sum', alter('createPayment', 'a', { amountMinor: 101 }), /101 EUR left/],
  ['a payment of which the witness knows nothing', drop('createPayment', 'a'), /saw 0 payments/],
  ['a booking that was not taken back', drop('deleteBooking', 'b'), /b: 1 bookings stand/],
  ['a posting that is missing', drop('insertPosting', 'a'), /a: 0 postings stand where 1/],
  ['a posting of another sum', alter('insertPosting', 'a', { amountMinor: 99 }), /99 EUR stand posted, 100/],
  ['a posting that was not reversed', drop('reversePosting', 'b'), /b: 1 postings stand where 0/],
  ['a posting under a login role of another grant', alter('insertPosting', 'a', { tokenId: 'jit_0' }), /no decision/],
  [
    'a row that was deleted by hand',
    (it) => it.witness.push(posting('a', 'x', { operation: 'delete' })),
    /no decision/,
  ],
  ['a login role of which nobody knows', (it) => it.rolesSeen.push('jit_0'), /jit_0 was in the books/],
  ['one of two people who did not approve', (it) => without('vote.cast', 'a')(it), /no decision/],
  ['one person who approved for both', changeVote('carol', { person: 'bob' }), /no decision.*proves nobody/],
  ['a vote on other bytes', changeVote('carol', { digest: 'd-x' }), /no decision/],
  ['a vote on another request', changeVote('carol', { request: 'r-x' }), /no decision/],
  ['a vote against', changeVote('carol', { choice: 'deny' }), /no decision/],
  ['somebody else who approved', changeVote('carol', { person: 'dave' }), /bob and carol countersigned.*bob and dave/],
  ['an effect without a decision', without('action.decided', 'a'), /no decision/],
  ['an effect without its approval', without('approval.closed', 'a'), /no decision/],
  ['an effect that never began', without('effect.begun', 'a'), /no decision/],
  ['an ending that the ledger does not have', without('action.settled', 'a'), /ledger says nothing/],
  [
    'an agent that was told something else',
    (it) => (it.handled[2] = handled('c', 'rejected', 'c')),
    /told rejected, the ledger says denied/,
  ],
  [
    'an ending that the story does not need',
    (it) => (it.handled[3] = { ...handled('d', 'invalid'), expected: 'executed' }),
    /d ended as invalid/,
  ],
  ['an action that nobody handed in', (it) => it.handled.splice(2, 1), /never asked for/],
  ['a credential that a service still takes', (it) => it.liveCredentials.push('a.pay'), /still alive/],
  [
    'a credential whose end is not recorded',
    (it) =>
      (it.ledger.entries = it.ledger.entries.filter(
        ({ entry }) => entry['grant'] !== 'a.pay' || entry['event'] !== 'grant.ended',
      )),
    /still alive/,
  ],
  [
    'a card that says something else',
    (it) => (it.told.cards = [card('r-a', 'a', 'Denied by bob. The action ended: executed.')]),
    /1 cards do not say/,
  ],
  [
    'a card that does not say the end',
    (it) => (it.told.cards = [card('r-a', 'a', 'Approved by bob and carol. The action is now: executing.')]),
    /1 cards do not say/,
  ],
  [
    'a card with something left to press',
    (it) => (it.told.cards = [card('r-a', 'a', 'Approved by bob and carol. The action ended: executed.', 'Approve')]),
    /1 cards do not say/,
  ],
  [
    'a login that works after it was given back',
    (it) => (it.lent = { ...it.lent, stillWorks: ['its role'] }),
    /its role still works/,
  ],
  ['a login that was lent and not used', (it) => (it.lent = { ...it.lent, role: 'jit_1' }), /never saw the login/],
  ['access without an end', without('action.settled', 'l'), /look into the books as nothing/],
  ['a mail that no strict server takes', (it) => it.told.malformed.push('a bare LF'), /sent with a bare LF/],
  ['two cards for one request', (it) => it.told.cards.push(...it.told.cards), /nobody asked for/],
  ['a ledger that does not verify', (it) => (it.ledger.verified = false), /does not verify/],
];

test.each(lies)('I1 I2 I14 %s is a difference', (_, lie, words) => {
  const it = evidence() as Mutable;
  lie(it);
  expect(reckon(it).differences.join('; ')).toMatch(words);
});

test('I1 an approval that came after the effect began does not count', () => {
  const it = evidence();
  const approval = it.ledger.entries.find(({ event }) => event === 'approval.closed');
  it.ledger.entries = it.ledger.entries.map((entry) => (entry === approval ? { ...entry, seq: 1_000 } : entry));
  expect(reckon(it).tally.unauthorisedEffects).toBe(3);
});
