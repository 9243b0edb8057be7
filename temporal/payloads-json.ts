import { type Payload } from '@temporalio/common';
import { isObject } from '../domain/json';

/** Payloads in protobuf's JSON form, as Temporal's UI and CLI send them: every `bytes` field is base64. Nothing if `text` is not that. */
export function fromPayloadsJson(text: string): Payload[] | undefined {
  const parsed = parse(text);
  if (!isObject(parsed)) return undefined;
  // Protobuf's JSON leaves an empty list out, and Temporal's CLI does send one.
  const list: unknown = parsed['payloads'] ?? [];
  if (!Array.isArray(list)) return undefined;
  const payloads = list.map(fromJson);
  return payloads.every((payload) => payload !== undefined) ? payloads : undefined;
}

export function toPayloadsJson(payloads: readonly Payload[]): string {
  const toJson = ({ metadata, data }: Payload): unknown => ({
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, toBase64(value)])),
    data: toBase64(data),
  });
  return JSON.stringify({ payloads: payloads.map(toJson) });
}

function fromJson(value: unknown): Payload | undefined {
  // The UI sends null where an event has an empty payload.
  if (value === null) return {};
  if (!isObject(value)) return undefined;
  const { metadata = {}, data = '' } = value;
  if (!isObject(metadata) || typeof data !== 'string') return undefined;
  const entries = Object.entries(metadata).map(
    ([name, bytes]) => [name, Buffer.from(typeof bytes === 'string' ? bytes : '', 'base64')] as const,
  );
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data, 'base64') };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toBase64(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('base64');
}
