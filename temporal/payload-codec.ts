import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type Payload, type PayloadCodec, type SerializationContext } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { REFUSED, type Refused, type RefusedBecause } from '../domain/refused';
import { type CodecKeys } from './codec-keys';

const PayloadProto = temporal.api.common.v1.Payload;

const ENCODING = 'binary/encrypted';
const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D: a random nonce of 96 bits is safe for 2^32 payloads under one key; an action writes about ten. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface EncryptingCodec extends PayloadCodec {
  /**
   * Decodes for display, where nobody says whose payload it is: each is opened as what it claims to be, which the cipher then proves.
   * Plaintext stays as it is. Never for a value that anything is decided by.
   */
  reveal(payloads: readonly Payload[]): Payload[];
}

/**
 * AES-256-GCM. A payload is bound to the namespace and to the workflow it was written for, so that a copy of it means nothing elsewhere; the
 * workflow's id stands beside the ciphertext only so that `reveal` can open it.
 *
 * `decode` never throws: what was not written by us for this workflow becomes a `Refused`. Where the SDK names no workflow (it does so for all
 * that a workflow, an activity or a client of a workflow exchanges) a payload is bound to the namespace alone, and only such a one is accepted
 * there: it can be moved between places without a workflow, but into none that has one.
 */
export function createPayloadCodec(options: { readonly keys: CodecKeys; readonly namespace: string }): EncryptingCodec {
  const { keys, namespace } = options;

  const owner = (context?: SerializationContext): string | undefined => {
    if (context !== undefined && context.namespace !== namespace) {
      throw new Error(
        `The payload codec of namespace ${namespace} was asked to encode for namespace ${context.namespace}.`,
      );
    }
    return context?.workflowId;
  };

  const decodeOne = (payload: Payload, context?: SerializationContext): Payload => {
    const sealed = readSealed(payload);
    if (sealed === undefined) return refuse('not_encrypted');
    const elsewhere = context !== undefined && context.namespace !== namespace;
    if (elsewhere || sealed.workflowId !== context?.workflowId) return refuse('other_workflow');
    return open(sealed, keys, namespace);
  };

  return {
    encode: async (payloads, context) => payloads.map((payload) => seal(payload, keys, namespace, owner(context))),
    decode: async (payloads, context) => payloads.map((payload) => decodeOne(payload, context)),
    reveal: (payloads) =>
      payloads.map((payload) => {
        const sealed = readSealed(payload);
        return sealed === undefined ? payload : open(sealed, keys, namespace);
      }),
  };
}

interface Sealed {
  readonly keyId: string;
  readonly workflowId: string | undefined;
  readonly data: Buffer;
}

function seal(payload: Payload, keys: CodecKeys, namespace: string, workflowId: string | undefined): Payload {
  const keyId = keys.current;
  const key = keys.keys.get(keyId);
  if (key === undefined) throw new Error(`The payload codec has no key ${keyId}.`);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(boundTo(namespace, keyId, workflowId));
  const body = Buffer.concat([cipher.update(PayloadProto.encode(payload).finish()), cipher.final()]);
  return {
    metadata: {
      encoding: Buffer.from(ENCODING),
      'encryption-key-id': Buffer.from(keyId),
      ...(workflowId !== undefined && { 'encryption-workflow-id': Buffer.from(workflowId) }),
    },
    data: Buffer.concat([nonce, cipher.getAuthTag(), body]),
  };
}

function readSealed({ metadata, data }: Payload): Sealed | undefined {
  const read = (name: string): string | undefined => {
    const value = metadata?.[name];
    return value == null ? undefined : Buffer.from(value).toString();
  };
  if (read('encoding') !== ENCODING) return undefined;
  return {
    keyId: read('encryption-key-id') ?? '',
    workflowId: read('encryption-workflow-id'),
    data: Buffer.from(data ?? []),
  };
}

function open({ keyId, workflowId, data }: Sealed, keys: CodecKeys, namespace: string): Payload {
  const key = keys.keys.get(keyId);
  if (key === undefined) return refuse('unknown_key');
  try {
    const nonce = data.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(boundTo(namespace, keyId, workflowId))
      .setAuthTag(data.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return PayloadProto.decode(
      Buffer.concat([decipher.update(data.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]),
    );
  } catch {
    // The cipher says no more than that the bytes are not those that were written, and the value says so too.
    return refuse('tampered');
  }
}

/** What the ciphertext holds to: as JSON, so that no two combinations have the same bytes. */
function boundTo(namespace: string, keyId: string, workflowId: string | undefined): Buffer {
  return Buffer.from(JSON.stringify(['countersign/payload/1', namespace, keyId, workflowId ?? null]));
}

function refuse(because: RefusedBecause): Payload {
  const value: Refused = { [REFUSED]: because };
  return { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(value)) };
}
