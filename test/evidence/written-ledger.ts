import { createPublicKey, type KeyObject } from 'node:crypto';
import { type JsonObject } from '../../domain/json';
import { commitmentOf } from '../../evidence/check-ledger';
import { canonicalJson } from '../../evidence/canonical-json';
import { noteHash, originOf, signCheckpoint } from '../../evidence/checkpoint';
import { checkpointLine, headerLine, leafLine } from '../../evidence/ledger-export';
import { Frontier, leafHash } from '../../evidence/merkle';

/** What an entry says, before it has its place. */
export interface Said {
  readonly key: string;
  readonly entry: JsonObject;
  readonly body: string | null;
}

/** Somebody's whole log: what it says in order, and after how many entries a checkpoint was signed. */
export interface Written {
  readonly tenant: string;
  readonly said: readonly Said[];
  readonly sizes: readonly number[];
}

const SALT = Buffer.alloc(32, 7);

function leafOf({ key, entry, body }: Said, seq: number, tenant: string): string {
  return canonicalJson({
    v: 1,
    tenant,
    seq,
    key,
    at: new Date(Date.UTC(2026, 0, 1) + seq * 1_000).toISOString(),
    body: body === null ? null : commitmentOf(body, SALT),
    entry,
  });
}

/** The lines of the entries, each whole in itself: whoever can write the database can make them so. */
export function entryLines({ tenant, said }: Omit<Written, 'sizes'>): string[] {
  return said.map((each, seq) => {
    const leaf = leafOf(each, seq, tenant);
    const body = each.body === null ? null : { text: each.body, salt: SALT };
    return leafLine({ seq, leaf, hash: leafHash(leaf), columns: null, body });
  });
}

/** The checkpoints of a log, each naming the one before it. */
export function signedNotes({ tenant, said, sizes }: Written, privateKey: KeyObject): string[] {
  const notes: string[] = [];
  const frontier = new Frontier();
  for (const [seq, each] of said.entries()) {
    frontier.append(leafHash(leafOf(each, seq, tenant)));
    if (!sizes.includes(frontier.size)) continue;
    const last = notes.at(-1);
    const head = { origin: originOf(tenant), size: frontier.size, root: frontier.root() };
    notes.push(signCheckpoint({ ...head, ...(last !== undefined && { previous: noteHash(last) }) }, privateKey));
  }
  return notes;
}

/** An export as its lines, of these entries and these checkpoints; with bodies. */
export function exportLines(
  tenant: string,
  entries: readonly string[],
  notes: readonly string[],
  privateKey: KeyObject,
): string[] {
  return [headerLine(tenant, [createPublicKey(privateKey)], true), ...entries, ...notes.map(checkpointLine)];
}
