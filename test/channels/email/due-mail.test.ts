import { dueMail } from '../../../channels/email/due-mail';
import { type Notice, type NoticeEvent } from '../../../domain/notice';
import { type Surface } from '../../../domain/surface';
import { aClosedNotice, aNotice } from '../../helpers/notice';

const mail = (name: string, more: Partial<Surface> = {}): Surface => ({
  surface: `email/bob/${name}`,
  channel: 'email',
  place: 'bob',
  externalId: '<a@example.org>',
  version: 1,
  state: 'shown',
  ageMs: 60_000,
  ...more,
});
const reminded = (reminder: number, at: string): NoticeEvent => ({
  ...{ key: `reminded/${String(reminder)}`, kind: 'reminded' },
  ...{ at, reminder },
});
/** Two minutes in, with a reminder at ninety seconds. */
const later = (more: Partial<Notice> = {}): Notice =>
  aNotice({ sinceOpenedMs: 120_000, events: [reminded(1, '2026-03-02T09:01:30.000Z')], ...more });

describe('somebody', () => {
  it('is asked once, and again only where nobody knows that the first mail went out', () => {
    expect(dueMail(aNotice(), [], 'bob')).toEqual({ kind: 'asked' });
    expect(dueMail(aNotice(), [mail('asked', { state: 'intended' })], 'bob')).toEqual({ kind: 'asked' });
    expect(dueMail(aNotice(), [mail('asked')], 'bob')).toBeUndefined();
    expect(dueMail(aNotice(), [mail('asked', { state: 'gone' })], 'bob')).toBeUndefined();
    expect(dueMail(aNotice(), [], 'dan')).toBeUndefined();
  });

  it('is reminded once of each reminder that came after they were asked', () => {
    const asked = mail('asked', { ageMs: 120_000 });
    expect(dueMail(later(), [asked], 'bob')).toEqual({ kind: 'reminded', reminder: 1 });
    expect(dueMail(later(), [asked, mail('reminded-1')], 'bob')).toBeUndefined();
    expect(dueMail(later(), [mail('asked', { ageMs: 10_000 })], 'bob')).toBeUndefined();
    expect(dueMail(later(), [], 'bob')).toEqual({ kind: 'asked' });
  });

  it('who was asked is told that nothing is left to do, unless they decided', () => {
    const closed = aClosedNotice('approved', 'executed');
    expect(dueMail(closed, [mail('asked')], 'bob')).toEqual({ kind: 'closed', state: 'approved' });
    expect(dueMail(closed, [mail('asked'), mail('closed')], 'bob')).toBeUndefined();
    expect(dueMail(closed, [], 'bob')).toBeUndefined();
    const vote = { person: 'bob', choice: 'approve', channel: 'cli', at: closed.openedAt, reason: null } as const;
    const voted = { ...closed, stages: closed.stages.map((stage) => ({ ...stage, votes: [vote] })) };
    expect(dueMail(voted, [mail('asked')], 'bob')).toBeUndefined();
  });
});
