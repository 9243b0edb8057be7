import { noticeOf } from '../../channels/notice-of';
import { type Catalogue } from '../../domain/documents';
import { type NoticeRecord } from '../../domain/notice-record';
import { digest } from '../helpers/seed';

const OPENED = new Date('2026-03-02T09:00:00.000Z');

const record: NoticeRecord = {
  tenant: 'acme',
  request: 'apr-0-1',
  action: 'act-0',
  version: 3,
  state: 'open',
  actionState: 'waiting',
  digest: digest('a'),
  type: 'warehouse.move_box',
  typeVersion: 2,
  risk: 'high',
  effect: 'compensable',
  lane: 'brokered',
  environment: 'test',
  agent: 'mover',
  team: 'floor',
  owner: 'olga',
  onBehalfOf: null,
  because: null,
  why: [],
  params: { weight: 1, box: 'b-1' },
  facts: { box: { shelf: 's-2' } },
  factsBefore: { box: { shelf: 's-1' } },
  findings: [
    { code: 'floor.mover', effect: 'allow' },
    { code: 'floor.heavy', effect: 'approval', message: 'It is heavy.', chain: 'two' },
  ],
  conflicted: [],
  openStages: [
    { need: 1, from: ['group:keepers'], eligible: ['bob', 'cleo'], reason: 'optional', remindAfterMs: [60_000] },
    { need: 1, from: ['group:leads'], eligible: ['dan', 'bob'], reason: 'required', remindAfterMs: [] },
  ],
  openedAt: OPENED,
  deadline: new Date('2026-03-03T09:00:00.000Z'),
  closedAt: null,
  settledAt: null,
  reminders: 0,
  sinceOpenedMs: 1_000,
  votes: [],
};

const catalogue = {
  actionTypes: {
    'warehouse.move_box': {
      version: 2,
      card: {
        headline: 'Move {box}',
        fields: { box: { text: '/params/box' }, shelf: { text: '/facts/box/shelf', flagChanged: true } },
      },
    },
  },
} as unknown as Pick<Catalogue, 'actionTypes'>;

const voted = (person: string, stage: number, more: object = {}) => ({
  person,
  stage,
  choice: 'approve' as const,
  channel: 'cli',
  reason: null,
  at: '2026-03-02T09:05:00.000Z',
  counts: true,
  ...more,
});

const waitingFor = (more: Partial<NoticeRecord>): readonly (readonly string[])[] =>
  noticeOf({ ...record, ...more }, catalogue).stages.map((stage) => stage.waitingFor);

it('shows the card as the catalogue draws it, with what has changed since it was asked before', () => {
  const { card, paramsText, asked } = noticeOf(record, catalogue);
  expect(card.headline).toBe('Move b-1');
  expect(card.fields).toContainEqual({ label: 'shelf', value: 's-2', before: 's-1' });
  expect(paramsText).toBe('{"box":"b-1","weight":1}');
  expect(asked).toEqual([{ code: 'floor.heavy', message: 'It is heavy.', chain: 'two' }]);
});

it('shows the bare facts where the catalogue in force has another version of the type', () => {
  const { card } = noticeOf({ ...record, typeVersion: 1 }, catalogue);
  expect(card).toEqual({ headline: 'warehouse.move_box for mover', fields: [] });
});

it('waits for the stage whose turn it is, and not for whoever has voted in another', () => {
  expect(waitingFor({})).toEqual([['bob', 'cleo'], []]);
  expect(waitingFor({ votes: [voted('bob', 0)] })).toEqual([[], ['dan']]);
});

it('waits again where a vote does not count any more', () => {
  expect(waitingFor({ votes: [voted('bob', 0, { counts: false })] })).toEqual([['bob', 'cleo'], []]);
});

it('waits for nobody once it is closed', () => {
  expect(waitingFor({ state: 'expired', closedAt: OPENED })).toEqual([[], []]);
});

it('tells every event once, under a name that later events do not move', () => {
  const keys = (more: Partial<NoticeRecord>): string[] =>
    noticeOf({ ...record, ...more }, catalogue).events.map(({ key }) => key);
  const approved = {
    reminders: 1,
    votes: [voted('bob', 0), voted('dan', 1)],
    state: 'approved' as const,
    closedAt: OPENED,
  };
  expect(keys(approved)).toEqual(['reminded/1', 'voted/bob/approve', 'voted/dan/approve', 'closed/approved']);
  const denied = voted('bob', 0, { choice: 'deny', at: '2026-03-02T09:07:00.000Z' });
  const ended = {
    ...approved,
    votes: [...approved.votes, denied],
    settledAt: OPENED,
    actionState: 'rejected' as const,
  };
  expect(keys(ended)).toEqual(expect.arrayContaining([...keys(approved), 'voted/bob/deny', 'ended/rejected']));
});
