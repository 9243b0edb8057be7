import { type Notice, silenceOf } from '../../domain/notice';
import { digest } from './seed';

const DEADLINE = '2026-03-03T09:00:00.000Z';

/** A request that waits for bob and cleo, as a channel is given it. */
export function aNotice(more: Partial<Notice> = {}): Notice {
  return {
    tenant: 'acme',
    request: 'apr-0-1',
    action: 'act-0',
    version: 1,
    state: 'open',
    actionState: 'waiting',
    card: { headline: 'Move b-1', fields: [{ label: 'shelf', value: 's-2', before: 's-1' }] },
    paramsText: '{"box":"b-1","weight":1}',
    digest: digest('a'),
    type: 'warehouse.move_box',
    risk: 'high',
    effect: 'compensable',
    lane: 'brokered',
    environment: 'test',
    agent: 'mover',
    team: 'floor',
    owner: 'olga',
    onBehalfOf: null,
    asked: [{ code: 'floor.heavy', message: 'It is heavy.', chain: 'two' }],
    because: 'It stands in the way.',
    openedAt: '2026-03-02T09:00:00.000Z',
    deadline: DEADLINE,
    why: [],
    silence: silenceOf(DEADLINE),
    sinceOpenedMs: 1_000,
    stages: [{ need: 2, from: ['group:keepers'], reason: 'optional', waitingFor: ['bob', 'cleo'], votes: [] }],
    events: [],
    ...more,
  };
}

export const AT = '2026-03-02T09:05:00.000Z';

/** The same, once the last vote, time or a change has closed it and the action has ended. */
export function aClosedNotice(
  state: Exclude<Notice['state'], 'open'>,
  actionState: Notice['actionState'],
  more: Partial<Notice> = {},
): Notice {
  const [stage] = aNotice().stages;
  return aNotice({
    version: 5,
    state,
    actionState,
    stages: stage === undefined ? [] : [{ ...stage, waitingFor: [] }],
    events: [
      { key: `closed/${state}`, kind: 'closed', at: AT, state },
      { key: `ended/${actionState}`, kind: 'ended', at: AT, state: actionState },
    ],
    ...more,
  });
}
