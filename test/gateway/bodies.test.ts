import fc from 'fast-check';
import { FAILURES } from '../../domain/failures';
import { type Harness, PARAMS, startHarness, TYPE } from './harness';

let h: Harness;
/** How often policy was asked. */
let asked = 0;
beforeAll(async () => {
  h = await startHarness();
  const { decision } = h.play;
  Object.defineProperty(h.play, 'decision', { get: () => ((asked += 1), decision) });
});
afterAll(() => h.stop());

const rows = async (): Promise<number> =>
  (await h.superuser.query<{ n: number }>('select count(*)::integer as n from actions')).rows[0]?.n ?? -1;

const withParams = (params: string): string => `{"type":"${TYPE}","params":${params}}`;
const withBox = (box: string): string => withParams(`{"box":${box},"weightGrams":1}`);
const withWeight = (weight: string): string => withParams(`{"box":"b-1","weightGrams":${weight}}`);
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const withBytes = (...bytes: number[]): Buffer =>
  Buffer.concat([
    Buffer.from(`{"type":"${TYPE}","params":{"box":"b`),
    Buffer.from(bytes),
    Buffer.from('","weightGrams":1}}'),
  ]);

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
  ['an empty array as a number', withWeight('[]'), 'invalid_parameters'],
  ['an object as a number', withWeight('{"valueOf":1}'), 'invalid_parameters'],
  ['-0', withWeight('-0'), 'invalid_parameters'],
  ['1e-400, which is read as 0', withWeight('1e-400'), 'invalid_parameters'],
  ['one more than the most', withWeight('100001'), 'invalid_parameters'],
  ['Infinity', withWeight('Infinity'), 'invalid_json'],
  ['a hexadecimal number', withWeight('0x10'), 'invalid_json'],
  ['an octal number', withWeight('010'), 'invalid_json'],
  ['full-width digits', withWeight('１００'), 'invalid_json'],
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
  ['prototype', withParams('{"box":"b-1","weightGrams":1,"prototype":{"x":1}}'), 'invalid_parameters'],
  ['__proto__, escaped', withParams('{"box":"b-1","weightGrams":1,"\\u005f_proto__":{"x":1}}'), 'invalid_json'],
  ['__proto__ outside the parameters', `{"type":"${TYPE}","params":{},"__proto__":{"note":"x"}}`, 'invalid_json'],
  ['500 nested arrays', withBox(nested(500)), 'invalid_json'],
  ['500 nested objects', withBox('{"a":'.repeat(500) + '1' + '}'.repeat(500)), 'invalid_json'],
  ['100,000 nested arrays', withBox(nested(100_000)), 'body_too_large'],
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
  ['half of a surrogate pair in UTF-8', withBytes(0xed, 0xa0, 0x80), 'invalid_json'],
  ['more than there is of Unicode', withBytes(0xf4, 0x90, 0x80, 0x80), 'invalid_json'],
  ['a character that is cut off', withBytes(0xe2, 0x82), 'invalid_json'],
  ['a byte that continues nothing', withBytes(0x80), 'invalid_json'],
  ['Latin-1', withBytes(0xe9), 'invalid_json'],
  ['a raw NUL', withBytes(0x00), 'invalid_json'],
  ['a raw line break', withBytes(0x0a), 'invalid_json'],
  ['a surrogate pair the wrong way round', withBox('"\\udc00\\ud800"'), 'invalid_json'],
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
  ...[
    'ｗａｒｅｈｏｕｓｅ．ｍｏｖｅ＿ｂｏｘ',
    'ware𝗁ouse.move_box',
    'warehouse.move_boⅹ',
    'wareʰouse.move_box',
    'ẃarehouse.move_box'.normalize('NFD'),
    'warehouse.move_box\u00ad',
    'warehouse.move_box\ufe0f',
    'warehouse\u00a0.move_box',
    'warehouse..move_box',
    'warehouse.move-box',
    'warehouse.moveBox',
    'warehouse.move_box@3',
  ],
  ...['warehouse.move_box/../x', 'warehouse', 'move_box', '', '__proto__', 'constructor', 'toString', 'hasOwnProperty'],
];

/** Signs that people, fonts or normal forms take for others, or do not see at all. */
const CONFUSABLES = [
  ...'аеорсухіѕⅰℓıſｅ𝐞ᵉ０Ο٠—‐․。',
  ' ',
  '\t',
  '\u00a0',
  '\u200b',
  '\u200d',
  '\u2060',
  '\u202e',
  '\ufeff',
  '\u0301',
  'E',
  '1',
];

describe('a body that is not as it should be', () => {
  test.each(REFUSED_BODIES)('X35 X36 X37 X38 %s has its code, and policy never sees it', async (_, raw, code) => {
    const before = await rows();
    for (const reply of [await h.act({ raw }), await h.request('POST', '/v1/actions:preview', { as: 'agent', raw })]) {
      expect([reply.status, reply.body.code]).toEqual([FAILURES[code as 'invalid_json'].status, code]);
      expect(reply.headers.get('content-type')).toBe('application/problem+json');
    }
    expect([await rows(), asked]).toEqual([before, 0]);
    expect(({} as Record<string, unknown>)['note']).toBeUndefined();
  });

  test.each(LOOKALIKES)('X34 the type "%s" is none', async (type) => {
    const before = await rows();
    for (const path of ['/v1/actions', '/v1/actions:preview']) {
      const reply = await h.request('POST', path, { as: 'agent', key: 'alike', json: { type, params: PARAMS } });
      expect([reply.status, reply.body.code]).toEqual([404, 'unknown_action_type']);
    }
    expect([await rows(), asked]).toEqual([before, 0]);
  });

  test('X34 a name is the exact one or none, even where Unicode calls both the same', async () => {
    expect(LOOKALIKES.filter((type) => type.normalize('NFKC') === TYPE).length).toBeGreaterThanOrEqual(3);
    const alike = fc.tuple(fc.nat(TYPE.length), fc.constantFrom(...CONFUSABLES), fc.boolean());
    await fc.assert(
      fc.asyncProperty(alike, async ([at, sign, instead]) => {
        const type = TYPE.slice(0, at) + sign + TYPE.slice(instead ? at + 1 : at);
        fc.pre(type !== TYPE);
        expect((await h.act({ json: { type, params: PARAMS } })).body.code).toBe('unknown_action_type');
      }),
      { numRuns: 100 },
    );
    expect(asked).toBe(0);
    const preview = { as: 'agent', json: { type: TYPE, params: PARAMS } };
    expect((await h.request('POST', '/v1/actions:preview', preview)).status).toBe(200);
    expect(asked).toBe(1); // the exact one does reach it
    asked = 0;
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
