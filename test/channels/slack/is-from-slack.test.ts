import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { isFromSlack, type SignedRequest } from '../../../channels/slack/is-from-slack';

/** The example of https://api.slack.com/authentication/verifying-requests-from-slack */
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const BODY =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA' +
  '&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554' +
  '%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
const AT_S = 1_531_420_618;
const SIGNATURE = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';

const HONEST: SignedRequest & { readonly timestamp: string } = {
  body: Buffer.from(BODY),
  signature: SIGNATURE,
  timestamp: String(AT_S),
};
const NOW_MS = AT_S * 1_000;

const signed = (body: Buffer, timestamp: string, secret = SECRET): SignedRequest => {
  const hash = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex');
  return { body, timestamp, signature: `v0=${hash}` };
};

/** By Slack’s secret, `ageS` after it was signed. */
const after = (ageS: number): boolean => isFromSlack(HONEST, [SECRET], NOW_MS + ageS * 1_000);

it('X1 the request of Slack’s own documentation is Slack’s', () => {
  expect(isFromSlack(HONEST, [SECRET], NOW_MS)).toBe(true);
  expect(isFromSlack(HONEST, ['another', SECRET], NOW_MS)).toBe(true);
});

const hash = SIGNATURE.slice(3);
it.each<[string, Partial<Record<'signature' | 'timestamp', string | undefined>> & { body?: Buffer }]>([
  ['no signature', { signature: undefined }],
  ['an empty signature', { signature: '' }],
  ['no version', { signature: hash }],
  ['another version', { signature: `v1=${hash}` }],
  ['an empty hash', { signature: 'v0=' }],
  ['half a hash', { signature: SIGNATURE.slice(0, 35) }],
  ['a hash with something behind it', { signature: `${SIGNATURE}00` }],
  ['a hash with another behind it', { signature: `${SIGNATURE}=00` }],
  ['a hash in capitals', { signature: `v0=${hash.toUpperCase()}` }],
  ['the header twice', { signature: `${SIGNATURE}, ${SIGNATURE}` }],
  ['the signature of another body', { body: Buffer.from(BODY.replace('roadrunner', 'coyote')) }],
  ['the signature of no body', { body: Buffer.alloc(0) }],
  ['the signature of another moment', { timestamp: String(AT_S + 1) }],
  ['no timestamp', { timestamp: undefined }],
  ['an empty timestamp', { timestamp: '' }],
  ['a timestamp that is no number', { timestamp: 'now' }],
  ['a timestamp in other words', { timestamp: '1.531420618e9' }],
  ['the timestamp twice', { timestamp: `${String(AT_S)}, ${String(AT_S)}` }],
])('X1 %s is nobody’s', (_, forgery) => {
  expect(isFromSlack({ ...HONEST, ...forgery }, [SECRET], NOW_MS)).toBe(false);
});

it('X1 without a secret nothing is Slack’s, not even what an empty one signed', () => {
  expect(isFromSlack(HONEST, [], NOW_MS)).toBe(false);
  expect(isFromSlack(signed(HONEST.body, HONEST.timestamp, ''), [''], NOW_MS)).toBe(false);
});

it('X1 X2 of a signed request no byte can be another', () => {
  const body = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(body, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, place, change) => {
      const honest = signed(bytes, String(AT_S));
      const at = place % bytes.length;
      const other = Buffer.from(bytes.with(at, (bytes[at] ?? 0) ^ change));
      expect(isFromSlack({ ...honest, body: other }, [SECRET], NOW_MS)).toBe(false);
    }),
    { numRuns: 300 },
  );
});

it('X2 bytes that read as the same text are not the same bytes', () => {
  const honest = signed(Buffer.from('text=\ufffd'), String(AT_S));
  expect(isFromSlack(honest, [SECRET], NOW_MS)).toBe(true);
  expect(isFromSlack({ ...honest, body: Buffer.from('text=\xff', 'latin1') }, [SECRET], NOW_MS)).toBe(false);
});

it('X5 a moment is written in one way, so that nothing passes for new by another spelling', () => {
  for (const timestamp of [`0${String(AT_S)}`, `00${String(AT_S)}`, `+${String(AT_S)}`, `${String(AT_S)}.0`])
    expect(isFromSlack({ ...HONEST, timestamp }, [SECRET], NOW_MS)).toBe(false);
});

it.each([
  [0, true],
  [299, true],
  [300, true],
  [300.001, false],
  [301, false],
  [100_000, false],
])('X3 %d seconds after it was signed: %s', (ageS, isSlacks) => expect(after(ageS)).toBe(isSlacks));

it.each([
  [299, true],
  [300, true],
  [300.001, false],
  [301, false],
  [600, false],
])('X4 %d seconds before it was signed: %s', (aheadS, isSlacks) => expect(after(-aheadS)).toBe(isSlacks));
