#!/usr/bin/env node
// Verifies an export of a Countersign ledger. One file, Node's own modules, no network: copy it anywhere, read it first.
//
//   node verify-ledger.mjs <export.jsonl> --public-key <checkpoint.pub.pem> [--checkpoints <file kept from earlier>]
//
// Where the key was replaced: --public-key once for each, oldest first. Where an older backup was restored and you know of it:
// --accept-restore <seq>, with the entry that acknowledges it.
//
// It shares no code with the program that wrote the export; both follow docs/ledger-format.md. The report is JSON on
// stdout. Exit code 0: verified. 1: something is wrong with the log. 2: the command or the files cannot be used.

import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const MAX_LINE_BYTES = 4 * 1024 * 1024;
const AT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TENANT = /^[a-z0-9-]{1,63}$/;
const CHECKPOINT =
  /^(\S+)\n([1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\nprevious (none|sha256:[0-9a-f]{64})\n(?:acknowledged (0|[1-9][0-9]{0,14})\n)?$/;

/** @param {...(string | Uint8Array)} parts @returns {Buffer} SHA-256 over the parts, one after another */
function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
const digest = (...parts) => `sha256:${sha256(...parts).toString('hex')}`;

// The Merkle tree: RFC 6962, section 2.1 -----------------------------------------------------------------------------
const leafHash = (leaf) => sha256(Uint8Array.of(0), leaf);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

/** A growing tree, kept as its size and the roots of its perfect subtrees, largest first. */
class Tree {
  size = 0;
  subtrees = [];

  append(leaf) {
    let subtree = leaf;
    for (let bits = this.size; bits % 2 === 1; bits = (bits - 1) / 2) subtree = nodeHash(this.subtrees.pop(), subtree);
    this.subtrees.push(subtree);
    this.size += 1;
  }

  root() {
    return this.size === 0 ? sha256() : this.subtrees.reduceRight((right, left) => nodeHash(left, right));
  }
}

// Canonical JSON: RFC 8785 -------------------------------------------------------------------------------------------
/** @param {unknown} value as JSON.parse made it @returns {string} throws where there is no canonical text */
function canonical(value, depth = 0) {
  if (depth > 64) throw new Error('nested too deep');
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) throw new Error('lone surrogate');
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('not a JSON number');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join()}]`;
  if (Object.hasOwn(value, '__proto__')) throw new Error('forbidden name');
  const names = Object.keys(value).sort(); // by UTF-16 code units
  return `{${names.map((name) => `${canonical(name)}:${canonical(value[name], depth + 1)}`).join()}}`;
}

/** @returns the leaf, or undefined unless the text is exactly the canonical text of a leaf of version 1 */
function parseLeaf(text) {
  try {
    const leaf = JSON.parse(text);
    const { at, body, entry, key, seq, tenant, v } = leaf;
    if (canonical(leaf) !== text || Object.keys(leaf).join() !== 'at,body,entry,key,seq,tenant,v') return undefined;
    const header = v === 1 && typeof at === 'string' && AT.test(at) && Number.isSafeInteger(seq) && seq >= 0;
    const names = typeof key === 'string' && typeof tenant === 'string';
    const content = typeof entry === 'object' && !Array.isArray(entry) && typeof entry?.event === 'string';
    const committed = body === null || (typeof body === 'string' && DIGEST.test(body));
    return header && names && content && committed ? leaf : undefined;
  } catch {
    return undefined;
  }
}

// Signed notes and checkpoints: c2sp.org/signed-note, c2sp.org/tlog-checkpoint ---------------------------------------
/** The checkpoint in a note; throws with a sentence unless `key` has signed the note under the name `origin`. */
function openCheckpoint(note, origin, key) {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n') || note.length > 16_384) throw new Error('not a signed note');
  const text = note.slice(0, end + 1);
  const rawKey = key.export({ type: 'spki', format: 'der' }).subarray(-32);
  const keyId = sha256(`${origin}\n`, Uint8Array.of(1), rawKey).subarray(0, 4);
  let signed = false;
  for (const line of note.slice(end + 2, -1).split('\n')) {
    const [, signer, encoded] = /^\u2014 (\S+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
    if (signer === undefined) throw new Error('a signature line is malformed');
    const bytes = Buffer.from(encoded, 'base64');
    if (signer !== origin || !bytes.subarray(0, 4).equals(keyId)) continue; // a witness
    if (bytes.toString('base64') !== encoded) throw new Error('a signature line is malformed'); // one spelling alone
    if (!verify(null, Buffer.from(text), key, bytes.subarray(4))) throw new Error('the signature does not match');
    signed = true;
  }
  if (!signed) throw new Error('not signed by the given key');
  const [, name, size, root, previous, acknowledged] = CHECKPOINT.exec(text) ?? [];
  if (name !== origin || !Number.isSafeInteger(Number(size))) throw new Error('not a checkpoint of this log');
  const givesUp = acknowledged === undefined ? {} : { acknowledged: Number(acknowledged) };
  return { size: Number(size), root: Buffer.from(root, 'base64'), previous, ...givesUp };
}

/** The same by the newest of several keys (oldest first) that has signed it, and which of them that was. */
function openByAny(note, origin, keys) {
  let refused;
  for (let by = keys.length - 1; by >= 0; by -= 1) {
    try {
      return { checkpoint: openCheckpoint(note, origin, keys[by]), by };
    } catch (error) {
      refused ??= error;
    }
  }
  throw refused;
}

/**
 * Opens one sequence of checkpoints: each signed, each naming the one before it, each larger, unless it says which entry acknowledges that the
 * one before it was given up: an older backup was restored then. Adds to `findings`.
 */
function openChain(notes, origin, keys, findings) {
  const [checkpoints, restores] = [[], []];
  let newest = 0;
  const found = (code, index, message) => findings.push({ code, message: `checkpoint ${index + 1}: ${message}` });
  for (const [index, note] of notes.entries()) {
    try {
      const { checkpoint, by } = openByAny(note, origin, keys);
      if (by < newest) found('checkpoint_signature', index, 'signed by a key that had been replaced before');
      newest = Math.max(newest, by);
      const before = index === 0 ? 'none' : digest(notes[index - 1]);
      if (checkpoint.previous !== before) found('checkpoint_chain', index, 'does not name the one before it');
      const givesUp = checkpoint.acknowledged < checkpoint.size && checkpoint.previous === before;
      if (givesUp && index > 0)
        restores.push({ before: [...checkpoints], givenUp: before, seq: checkpoint.acknowledged });
      if (checkpoint.size > (checkpoints.at(-1)?.size ?? 0) || givesUp) checkpoints.push(checkpoint);
      else found('checkpoint_chain', index, 'is not larger than the one before it');
    } catch (error) {
      found('checkpoint_signature', index, error.message);
    }
  }
  return { checkpoints, restores };
}

const headOf = ({ size, root }) => `${size} ${root.toString('base64')}`;

/** What is to be said of a restored backup: [code, sentence]. */
function judgeRestore({ before, seq }, acknowledged, kept) {
  if (!acknowledged)
    return ['checkpoint_chain', `a checkpoint gives up the one before it; entry ${seq} does not acknowledge that`];
  const sizes = before.filter((one) => kept.has(headOf(one))).map(({ size }) => size);
  const lost = `after the first ${sizes.reduce((a, b) => Math.max(a, b), 0)} of ${before.at(-1)?.size ?? 0} that were signed`;
  return ['restored', `an older backup was restored; entries ${lost} are not vouched for in this log`];
}

/** Notes of a checkpoint file, each followed by an empty line; one that is still being written is left out. Throws where there are none. */
function splitNotes(file, origin) {
  const [parts, notes] = [file.split('\n\n'), []];
  while (parts.length > 2) notes.push(`${parts.splice(0, 2).join('\n\n')}\n`);
  const [rest, first] = [parts.join('\n\n'), `${origin}\n`];
  const torn = rest.startsWith(first) || first.startsWith(rest);
  if (notes.length === 0 || !torn) throw new Error(`--checkpoints is not a file of checkpoints of ${origin}`);
  return notes;
}

// The export ---------------------------------------------------------------------------------------------------------
/** Lines end at line feeds alone; node:readline would also split at U+2028, which JSON strings may hold. */
async function* readLines(path) {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield rest.subarray(0, end).toString('utf8');
      rest = rest.subarray(end + 1);
    }
    if (rest.length > MAX_LINE_BYTES) throw new Error(`a line is longer than ${MAX_LINE_BYTES} bytes`);
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

/** The lines after the header, each with its number and a `note` or an `entry`, or neither. */
async function* readExport(path) {
  let number = 0;
  for await (const text of readLines(path)) {
    number += 1;
    if (number === 1) continue;
    const line = parseObject(text);
    const { seq, leaf, hash, checkpoint } = line;
    const isEntry = [leaf, hash].every((one) => typeof one === 'string') && /^[0-9a-f]{64}$/.test(hash);
    const known = typeof seq === 'number' && isEntry && { entry: line };
    yield { number, ...(typeof checkpoint === 'string' ? { note: checkpoint } : known) };
  }
  // A pipe gives its lines once: the next time there would seem to be none, and nothing wrong with them.
  if (number === 0) throw new Error('the export cannot be read twice: save it as a file');
}

function parseObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

/** What is wrong with entry number `seq` by itself: [code, sentence]; empty when all is well. */
function judge({ seq: said, leaf: text, hash, body, salt }, leaf, seq, tenant) {
  if (said !== seq) return ['sequence', `entry ${seq} is expected here, ${said} found`];
  if (leaf === undefined) return ['malformed_leaf', 'the leaf is not a canonical entry of version 1'];
  if (leafHash(text).toString('hex') !== hash) return ['leaf_edited', 'the leaf and its stored hash differ'];
  if (leaf.seq !== seq) return ['entry_moved', `the leaf says that it is entry ${leaf.seq}`];
  if (leaf.tenant !== tenant) return ['wrong_tenant', 'the leaf belongs to another tenant'];
  if (body === undefined && salt === undefined) return [];
  const bytes = Buffer.from(typeof salt === 'string' ? salt : '', 'base64');
  // With a salt of another length, the beginning of a body could be passed off as the end of its salt.
  const whole = typeof body === 'string' && bytes.length === 32;
  if (whole && digest('countersign/body/v1\0', bytes, body) === leaf.body) return [];
  return ['body_mismatch', 'the body is not the one that the leaf commits to'];
}

/** Reads the file twice: its checkpoints stand at the end, and the log may be too long to keep. */
async function verifyExport(path, header, keys, notesFromEarlier, acceptedRestores) {
  const [findings, warnings, notes] = [[], [], []];
  for await (const { number, note, entry } of readExport(path)) {
    if (note !== undefined) notes.push(note);
    else if (!entry) findings.push({ code: 'malformed_line', message: `line ${number}: no entry, no checkpoint` });
  }
  const chains = [notes, notesFromEarlier].map((chain) => openChain(chain, header.origin, keys, findings));
  // The same one of two chains is one.
  const restores = new Map(chains.flatMap((chain) => chain.restores).map((restore) => [restore.givenUp, restore]));
  const before = [...restores.values()].flatMap((restore) => restore.before);
  const [givenUp, sizes] = [new Set(before.map(headOf)), new Set(before.map(({ size }) => size))];
  const checkpoints = chains
    .flatMap((chain) => chain.checkpoints)
    .filter((checkpoint) => !givenUp.has(headOf(checkpoint)))
    .sort((a, b) => a.size - b.size);
  const [kept, acknowledged] = [new Set(), new Set()];

  const tree = new Tree();
  let [next, anchoredTo, diverged, erasedBodies, lastAt, firstBad] = [0, 0, false, 0, '', undefined];
  for await (const { entry } of readExport(path)) {
    if (entry === undefined) continue;
    const seq = tree.size;
    // After the first bad entry only roots are compared: what follows a deleted entry is displaced, not wrong.
    if (firstBad === undefined) {
      const leaf = parseLeaf(entry.leaf);
      const [code, message] = judge(entry, leaf, seq, header.tenant);
      if (code !== undefined) findings.push({ code, seq: (firstBad = seq), message });
      if (code === undefined || code === 'body_mismatch') {
        const absent = entry.body === undefined && entry.salt === undefined;
        if (header.bodies && leaf.body !== null && absent) erasedBodies += 1;
        if (leaf.at < lastAt) warnings.push({ code: 'time_backwards', seq, message: `${leaf.at} after ${lastAt}` });
        lastAt = leaf.at;
      }
    }
    for (const restore of restores.values()) {
      const said = restore.seq === seq ? parseLeaf(entry.leaf)?.entry : undefined;
      if (said?.event === 'restore.acknowledged' && said.checkpoint === restore.givenUp) acknowledged.add(restore);
    }
    tree.append(leafHash(entry.leaf));
    if (sizes.has(tree.size)) kept.add(headOf({ size: tree.size, root: tree.root() }));
    for (; checkpoints[next]?.size === tree.size; next += 1) {
      if (diverged) continue;
      diverged = !checkpoints[next].root.equals(tree.root());
      const message = 'these entries are not those that were signed';
      if (diverged) findings.push({ code: 'root_mismatch', seq: anchoredTo, before: tree.size, message });
      else anchoredTo = tree.size;
    }
  }

  for (const restore of restores.values()) {
    const [code, message] = judgeRestore(restore, acknowledged.has(restore), kept);
    const known = code === 'restored' && acceptedRestores.includes(restore.seq);
    (known ? warnings : findings).push({ code, seq: restore.seq, message });
  }

  const { size } = tree;
  const signed = checkpoints.at(-1)?.size;
  const found = (code, message, more) => findings.push({ code, ...more, message });
  if (signed > size) found('truncated', `${signed} entries were signed`, { seq: size, before: signed });
  if (signed === undefined && size > 0) found('not_anchored', 'no valid checkpoint: nothing is proved', { seq: 0 });
  if (signed === undefined && size === 0) warnings.push({ code: 'empty', message: 'no entries and no checkpoints' });
  const tail = { code: 'unanchored_tail', seq: anchoredTo, message: `${size - anchoredTo} entries came later` };
  if (anchoredTo > 0 && anchoredTo < size) warnings.push(tail);
  const ranges = { anchored: { from: 0, to: anchoredTo }, unanchored: { from: anchoredTo, to: size } };
  const counts = { size, root: tree.root().toString('base64'), ...ranges, checkpoints: checkpoints.length };
  return { ok: findings.length === 0, tenant: header.tenant, ...counts, erasedBodies, firstBad, findings, warnings };
}

// The command --------------------------------------------------------------------------------------------------------
async function main() {
  const text = { type: 'string' };
  const options = {
    'public-key': { ...text, multiple: true },
    checkpoints: text,
    'accept-restore': { ...text, multiple: true },
    'trust-embedded-key': { type: 'boolean' },
  };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [path] = positionals;
  if (positionals.length !== 1) throw new Error('usage: verify-ledger.mjs <export.jsonl> --public-key <file.pem>');

  const header = parseObject((await readLines(path).next()).value ?? '');
  const { format, tenant, origin, bodies, publicKey, replacedKeys = [] } = header;
  const complete =
    typeof tenant === 'string' && TENANT.test(tenant) && typeof publicKey === 'string' && typeof bodies === 'boolean';
  if (format !== 'countersign-ledger/1' || !complete || origin !== `countersign/${tenant}`)
    throw new Error('not an export in the format countersign-ledger/1');
  const decode = (key) => createPublicKey({ key: Buffer.from(key, 'base64'), type: 'spki', format: 'der' });
  const embedded = [...replacedKeys, publicKey].map(decode);
  const fingerprint = (key) => digest(key.export({ type: 'spki', format: 'der' }));
  process.stderr.write(`key in the export: ${embedded.map(fingerprint).join(', then ')}\n`);
  if (values['public-key'] === undefined && values['trust-embedded-key'] !== true)
    throw new Error('an export cannot vouch for itself: give --public-key, or compare and give --trust-embedded-key');
  const keys = values['public-key']?.map((file) => createPublicKey(readFileSync(file))) ?? embedded;
  if (keys.some((key) => key.asymmetricKeyType !== 'ed25519')) throw new Error('the public key is not an Ed25519 key');
  const earlier = values.checkpoints === undefined ? [] : splitNotes(readFileSync(values.checkpoints, 'utf8'), origin);
  const report = await verifyExport(path, header, keys, earlier, (values['accept-restore'] ?? []).map(Number));
  process.stdout.write(`${JSON.stringify({ ...report, key: fingerprint(keys.at(-1)) }, null, 2)}\n`);
  process.exitCode = report.ok ? 0 : 1;
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
