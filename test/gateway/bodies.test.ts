import fc from 'fast-check';
import { FAILURES } from '../../domain/failures';
import { type Harness, PARAMS, startHarness, TYPE } from './harness';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

const rows = async (): Promise<number> =>
  (await h.superuser.query<{ n: number }>('select count(*)::integer as n from actions')).rows[0]?.n ?? -1;

const withParams = (params: string): string => `{"type":"${TYPE}","params":${params}}`;
const withBox = (box: string): string => withParams(`{"box":${box},"weightGrams":1}`);
const withWeight = (weight: string): string => withParams(`{"box":"b-1","weightGrams":${weight}}`);
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const REFUSED_BODIES: [string, string | Buffer, string][] = [
  ['nothing', '', 'invalid_json'],
  ['no JSON', '{"type":', 'invalid_json'],
  ['an array', '[]', 'invalid_parameters'],
  ['null', 'null', 'invalid_parameters'],
  ['a string', '"{}"', 'invalid_parameters'],
  ['a byte order mark', `\uFEFF${withBox('"b-1"')}`, 'invalid_json'],
  ['1e999', withWeight('1e999'), 'invalid_json'],
  ['-1e999', withWeight('-1e999'), 'invalid_json'],
  ['2^53 + 1', withWeight('9007199254740993'), 'invalid_json'],
  ['NaN', withWeight('NaN'), 'invalid_json'],
  ['-1', withWeight('-1'), 'invalid_parameters'],
  ['0', withWeight('0'), 'invalid_parameters'],
  ['0.1 + 0.2', withWeight('0.30000000000000004'), 'invalid_parameters'],
  ['a number as a string', withWeight('"100"'), 'invalid_parameters'],
  ['true', withWeight('true'), 'invalid_parameters'],
  ['null as a number', withWeight('null'), 'invalid_parameters'],
  ['an array as a number', withWeight('[1]'), 'invalid_parameters'],
  ['the same member twice', withParams('{"box":"b-1","weightGrams":1,"weightGrams":2}'), 'invalid_json'],
  [
    'the same member twice, once escaped',
    withParams('{"box":"b-1","weightGrams":1,"\\u0062ox":"b-2"}'),
    'invalid_json',
  ],
  ['params twice', `{"type":"${TYPE}","params":${JSON.stringify(PARAMS)},"params":{}}`, 'invalid_json'],
  ['__proto__', withParams('{"box":"b-1","weightGrams":1,"__proto__":{"note":"x"}}'), 'invalid_json'],
  [
    'constructor',
    withParams('{"box":"b-1","weightGrams":1,"constructor":{"prototype":{"x":1}}}'),
    'invalid_parameters',
  ],
  ['500 nested arrays', withBox(nested(500)), 'invalid_json'],
  ['30,000 nested arrays', withBox(nested(30_000)), 'invalid_json'],
  ['30,000 members', withParams(`{${Array.from({ length: 9_000 }, (_, i) => `"${i}":0`).join()}}`), 'body_too_large'],
  ['15,000 values', withBox(`[${'0,'.repeat(15_000)}0]`), 'invalid_json'],
  ['10 MB', withBox(JSON.stringify('x'.repeat(10_000_000))), 'body_too_large'],
  ['a lone surrogate', withBox('"\\ud800"'), 'invalid_json'],
  ['a lone surrogate as a name', withParams('{"\\udfff":1}'), 'invalid_json'],
  ['NUL', withBox('"b\\u0000"'), 'invalid_json'],
  [
    'malformed UTF-8',
    Buffer.concat([Buffer.from(`{"type":"${TYPE}","params":{"box":"`), Buffer.from([0xc3, 0x28]), Buffer.from('"}}')]),
    'invalid_json',
  ],
  [
    'overlong UTF-8',
    Buffer.concat([Buffer.from(`{"type":"`), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    'invalid_json',
  ],
  ['UTF-16', Buffer.from(withBox('"b-1"'), 'utf16le'), 'invalid_json'],
  ['params as text', `{"type":"${TYPE}","params":"{}"}`, 'invalid_parameters'],
  ['no params', `{"type":"${TYPE}"}`, 'invalid_parameters'],
  [
    'an unknown parameter',
    withParams('{"box":"b-1","weightGrams":1,"url":"http://169.254.169.254/"}'),
    'invalid_parameters',
  ],
  [
    'a target of its own',
    `{"type":"${TYPE}","params":${JSON.stringify(PARAMS)},"target":"http://[::1]/"}`,
    'invalid_parameters',
  ],
  [
    'a megabyte of reason',
    JSON.stringify({ type: TYPE, params: PARAMS, because: 'x'.repeat(1_001) }),
    'invalid_parameters',
  ],
  ['a negative wait', JSON.stringify({ type: TYPE, params: PARAMS, waitMs: -1 }), 'invalid_parameters'],
  ['a wait of 1e12', JSON.stringify({ type: TYPE, params: PARAMS, waitMs: 1e12 }), 'invalid_parameters'],
  ['a wait in words', JSON.stringify({ type: TYPE, params: PARAMS, waitMs: 'PT1S' }), 'invalid_parameters'],
];

const LOOKALIKES = [
  ...[
    'Warehouse.move_box',
    'WAREHOUSE.MOVE_BOX',
    'warehouse.move_box ',
    ' warehouse.move_box',
    'warehouse.move_box\u200b',
    'warehouse.\u200dmove_box',
  ],
  ...[
    'warehоuse.move_box',
    'ｗarehouse.move_box',
    'warehouse․move_box',
    'warehouse.move_box\n',
    'warehouse.move_box\u202e',
    'warehouse.move＿box',
    '\ufeffwarehouse.move_box',
  ],
  ...['warehouse.move_box/../x', 'warehouse', 'move_box', '', '__proto__', 'constructor', 'toString', 'hasOwnProperty'],
];

describe('a body that is not as it should be', () => {
  test.each(REFUSED_BODIES)('%s has its code and leaves no row', async (_, raw, code) => {
    const before = await rows();
    const started = performance.now();
    const reply = await h.act({ raw });
    expect([reply.status, reply.body.code]).toEqual([FAILURES[code as 'invalid_json'].status, code]);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(await rows()).toBe(before);
    expect(({} as Record<string, unknown>)['note']).toBeUndefined();
  });

  test.each(LOOKALIKES)('the type "%s" is none', async (type) => {
    const before = await rows();
    const reply = await h.act({ json: { type, params: PARAMS } });
    expect([reply.status, reply.body.code]).toEqual([404, 'unknown_action_type']);
    expect(await rows()).toBe(before);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/json; charset=utf-16',
    '',
  ])('the media type "%s" is refused', async (type) => {
    const reply = await h.act({ headers: { 'content-type': type } });
    expect([reply.status, reply.body.code]).toEqual([415, 'unsupported_media_type']);
  });

  test('every fault of the parameters is named at once, with its path', async () => {
    const reply = await h.act({ json: { type: TYPE, params: { box: 'UPPER', weightGrams: 0, extra: 1 } } });
    expect(reply.body.problems.map(({ path }: { path: string }) => path).sort()).toEqual([
      '/params/box',
      '/params/extra',
      '/params/weightGrams',
    ]);
  });

  test('a body larger than it says is cut off', async () => {
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(0x20)) });
    const init = {
      method: 'POST',
      body: endless,
      duplex: 'half',
      headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
    } as RequestInit;
    const withKey = {
      ...init,
      headers: { ...init.headers, authorization: `Bearer test-secret-of-agent-0123456789`, 'idempotency-key': 'k' },
    };
    const answer = await fetch(`${h.url}/v1/actions`, withKey).then(
      ({ status }) => status,
      () => 'connection closed',
    );
    expect([413, 'connection closed']).toContain(answer);
    expect((await h.request('GET', '/livez')).status).toBe(200);
  });

  test('no bytes whatever make it fail', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
      fc.json({ maxDepth: 8 }).map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(withParams(text))),
      fc
        .tuple(fc.nat(80), fc.uint8Array({ maxLength: 4 }))
        .map(([at, bad]) =>
          Buffer.concat([
            Buffer.from(withBox('"b-1"')).subarray(0, at),
            bad,
            Buffer.from(withBox('"b-1"')).subarray(at),
          ]),
        ),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (raw) => {
        const reply = await h.act({ raw });
        expect([202, 400, 404, 413]).toContain(reply.status);
        if (reply.status !== 202) expect(Object.keys(FAILURES)).toContain(reply.body.code);
      }),
      { numRuns: 150 },
    );
  });

  test('votes and cancellations are read as strictly', async () => {
    const { id } = (await h.act()).body;
    const request = await h.openApproval(id);
    for (const [, raw] of REFUSED_BODIES) {
      for (const [path, as] of [
        [`/v1/actions/${id}/cancel`, 'agent'],
        [`/v1/approvals/${request.id}/votes`, 'bob'],
      ] as const) {
        expect([400, 413]).toContain((await h.request('POST', path, { as, raw })).status);
      }
    }
    expect((await h.superuser.query('select from votes')).rowCount).toBe(0);
  });

  test('nothing was logged as a failure', () => {
    expect(h.log.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
  });
});
