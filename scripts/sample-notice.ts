import { type Notice, silenceOf } from '../domain/notice';

const DEADLINE = '2026-03-02T13:00:00.000Z';

/** The request of the README, as a channel is given it: what the picture of a card shows. */
export const SAMPLE_NOTICE: Notice = {
  ...{
    tenant: 'demo',
    request: 'apr-0195571e-2f00-7000-8000-1f2e3c4b5a69-1',
    action: 'act-0195571e-2f00-7000-8000-1f2e3c4b5a69',
  },
  ...{ version: 1, state: 'open', actionState: 'waiting' },
  ...{ type: 'shop.refund_order', risk: 'high', effect: 'compensable', lane: 'brokered', environment: 'production' },
  ...{
    agent: 'refund-agent',
    team: 'finance',
    owner: 'alice',
    onBehalfOf: null,
    because: 'It arrived broken; see the photo.',
    why: [],
  },
  card: {
    headline: 'Refund 35.00 EUR for order 1001',
    fields: [
      { label: 'amount', value: '35.00 EUR' },
      { label: 'order', value: '1001' },
    ],
  },
  paramsText: '{"amountMinor":3500,"currency":"EUR","orderId":"1001"}',
  digest: 'sha256:5f1c0e7d9a3b4c2f8e6d1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d',
  asked: [{ code: 'shop.over_limit', message: 'Larger than what may go without asking.', chain: 'one-colleague' }],
  openedAt: '2026-03-02T09:00:00.000Z',
  deadline: DEADLINE,
  silence: silenceOf(DEADLINE),
  sinceOpenedMs: 0,
  stages: [{ need: 1, from: ['group:finance'], reason: 'optional', waitingFor: ['bob', 'carol'], votes: [] }],
  events: [],
};
