import { randomBytes } from 'node:crypto';
import { type Payload, type SerializationContext, defaultPayloadConverter } from '@temporalio/common';
import { REFUSED, isRefused } from '../../domain/refused';
import { parseCodecKeys } from '../../temporal/codec-keys';
import { createPayloadCodec } from '../../temporal/payload-codec';

const key = () => randomBytes(32).toString('base64');
const keyFile = { current: 'k1', keys: { k1: key() } };
const namespace = 'countersign';
const codecOf = (file: object, ns = namespace) =>
  createPayloadCodec({ keys: parseCodecKeys(JSON.stringify(file)), namespace: ns });
const codec = codecOf(keyFile);

const workflow = (workflowId: string, ns = namespace): SerializationContext => ({
  type: 'workflow',
  namespace: ns,
  workflowId,
});
const mine = workflow('action/demo/act-1');
const secret = { iban: 'DE02 1203 0000 0000 2020 51', nested: [1, null, 'ü'] };

const toPayload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const toValue = (payload?: Payload): unknown => defaultPayloadConverter.fromPayload(payload as Payload);
const encode = async (value: unknown, context?: SerializationContext, by = codec): Promise<Payload> =>
  (await by.encode([toPayload(value)], context))[0] as Payload;
const decode = async (payload: Payload, context?: SerializationContext, by = codec): Promise<unknown> =>
  toValue((await by.decode([payload], context))[0]);

describe('what was written comes back', () => {
  it.each([secret, 'text', 0, null, undefined, [], new Uint8Array([1, 2, 3])])('%p', async (value) => {
    expect(await decode(await encode(value, mine), mine)).toEqual(value);
  });

  it('in the order it was given, also when it is nothing', async () => {
    const payloads = await codec.encode([toPayload(1), toPayload(2)], mine);
    expect((await codec.decode(payloads, mine)).map(toValue)).toEqual([1, 2]);
    expect(await codec.encode([], mine)).toEqual([]);
  });

  it('for an activity of the same workflow', async () => {
    const activity: SerializationContext = {
      type: 'activity',
      namespace,
      workflowId: mine.workflowId ?? '',
      activityId: '1',
      isLocal: true,
    };
    expect(await decode(await encode(secret, activity), mine)).toEqual(secret);
  });

  it('not readable on the way, and different every time', async () => {
    const [one, two] = [await encode(secret, mine), await encode(secret, mine)];
    expect(Buffer.from(one.data ?? []).includes('DE02')).toBe(false);
    expect(Buffer.from(one.data ?? []).equals(Buffer.from(two.data ?? []))).toBe(false);
  });
});

describe('X78 what was not written for this workflow is refused, never thrown', () => {
  const flip = (payload: Payload, at: number): Payload => {
    const data = Buffer.from(payload.data ?? []);
    data.writeUInt8(data.readUInt8(at) ^ 1, at);
    return { ...payload, data };
  };
  const withMetadata = (payload: Payload, name: string, value: string): Payload => ({
    ...payload,
    metadata: { ...payload.metadata, [name]: Buffer.from(value) },
  });

  const cases: [string, string, () => Promise<Payload>, SerializationContext | undefined][] = [
    ['plaintext', 'not_encrypted', async () => toPayload(secret), mine],
    ['nothing at all', 'not_encrypted', async () => ({}), mine],
    ['a copy from another action', 'other_workflow', () => encode(secret, workflow('action/demo/act-2')), mine],
    ['a copy from another tenant', 'other_workflow', () => encode(secret, workflow('action/other/act-1')), mine],
    [
      'a copy from another namespace',
      'tampered',
      () => encode(secret, workflow('action/demo/act-1', 'other'), codecOf(keyFile, 'other')),
      mine,
    ],
    ['one written for no workflow', 'other_workflow', () => encode(secret), mine],
    ['one of a workflow where none is known', 'other_workflow', () => encode(secret, mine), undefined],
    [
      'a copy that claims to be ours',
      'tampered',
      async () =>
        withMetadata(
          await encode(secret, workflow('action/demo/act-2')),
          'encryption-workflow-id',
          'action/demo/act-1',
        ),
      mine,
    ],
    [
      'a key nobody has',
      'unknown_key',
      async () => withMetadata(await encode(secret, mine), 'encryption-key-id', 'k9'),
      mine,
    ],
    [
      'another key of the same id',
      'tampered',
      () => encode(secret, mine, codecOf({ current: 'k1', keys: { k1: key() } })),
      mine,
    ],
    ['a changed nonce', 'tampered', async () => flip(await encode(secret, mine), 0), mine],
    ['a changed tag', 'tampered', async () => flip(await encode(secret, mine), 12), mine],
    ['a changed byte', 'tampered', async () => flip(await encode(secret, mine), 40), mine],
    ['a cut payload', 'tampered', async () => ({ ...(await encode(secret, mine)), data: Buffer.alloc(5) }), mine],
    ['an empty one', 'tampered', async () => ({ ...(await encode(secret, mine)), data: null }), mine],
    [
      'a shortened tag',
      'tampered',
      async () => ({ ...(await encode('', mine)), data: (await encode('', mine)).data?.subarray(0, 16) ?? null }),
      mine,
    ],
  ];

  it.each(cases)('%s: %s', async (_, because, payload, context) => {
    const value = await decode(await payload(), context);
    expect(value).toEqual({ [REFUSED]: because });
    expect(isRefused(value)).toBe(true);
  });

  it('refuses one and reads its neighbours', async () => {
    const payloads = [await encode(1, mine), toPayload(2), await encode(3, mine)];
    expect((await codec.decode(payloads, mine)).map(toValue)).toEqual([1, { [REFUSED]: 'not_encrypted' }, 3]);
  });
});

it('a payload of no workflow is read where there is none', async () => {
  expect(await decode(await encode(secret))).toEqual(secret);
});

it('nothing is encoded for a namespace that the keys are not for', async () => {
  await expect(codec.encode([toPayload(1)], workflow('w', 'elsewhere'))).rejects.toThrow('elsewhere');
});

it('X59 an old key still decodes after a rotation, and the new one encodes', async () => {
  const old = await encode(secret, mine);
  const rotated = codecOf({ current: 'k2', keys: { ...keyFile.keys, k2: key() } });
  expect(await decode(old, mine, rotated)).toEqual(secret);
  const fresh = await encode(secret, mine, rotated);
  expect(Buffer.from(fresh.metadata?.['encryption-key-id'] ?? []).toString()).toBe('k2');
  expect(await decode(fresh, mine)).toEqual({ [REFUSED]: 'unknown_key' });
});

it('reveals for display without being told the workflow, and proves what it shows', async () => {
  const forged = { ...(await encode(secret, mine)) };
  forged.metadata = { ...forged.metadata, 'encryption-workflow-id': Buffer.from('action/demo/act-2') };
  const shown = codec.reveal([await encode(secret, mine), await encode(1), toPayload('plain'), forged]);
  expect(shown.map(toValue)).toEqual([secret, 1, 'plain', { [REFUSED]: 'tampered' }]);
});
