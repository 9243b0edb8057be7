import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';

/** Who must have signed. The name is the log's origin: one key serves many logs, and no signature fits two of them. */
export interface NoteVerifier {
  readonly name: string;
  readonly publicKey: KeyObject;
}

/** The note is not what its verifier expects. */
export class NoteError extends Error {
  override readonly name = 'NoteError';
}

/** The algorithm byte of Ed25519 in C2SP signed notes. */
const ED25519 = 0x01;
const SIGNATURE_LINE = /^\u2014 (\S+) ([A-Za-z0-9+/]+=*)$/;
// Space for a few witnesses; a checkpoint with one signature has some 300 bytes.
const MAX_NOTE_BYTES = 16 * 1024;

/**
 * A C2SP signed note (https://c2sp.org/signed-note): the text, an empty line, one signature line.
 *
 * @param text lines without control characters, ended by a newline; at least one, and none is empty
 */
export function signNote(text: string, name: string, privateKey: KeyObject): string {
  checkText(text);
  const signature = sign(null, Buffer.from(text), privateKey);
  const line = Buffer.concat([keyId(name, createPublicKey(privateKey)), signature]).toString('base64');
  return `${text}\n\u2014 ${name} ${line}\n`;
}

/**
 * The text of a note that the verifier's key has signed. Signatures of other keys (witnesses) are passed over.
 *
 * @throws NoteError when it is malformed, not signed by that key under that name, or carries a signature of that key
 *   that does not match
 */
export function openNote(note: string, { name, publicKey }: NoteVerifier): string {
  if (note.length > MAX_NOTE_BYTES) throw new NoteError(`a note is larger than ${MAX_NOTE_BYTES} characters`);
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) throw new NoteError('not a signed note');
  const text = note.slice(0, end + 1);
  checkText(text);
  const id = keyId(name, publicKey);
  let signed = false;
  for (const line of note.slice(end + 2, -1).split('\n')) {
    const [, signer, encoded] = SIGNATURE_LINE.exec(line) ?? [];
    if (signer === undefined || encoded === undefined) throw new NoteError('a signature line of the note is malformed');
    const bytes = Buffer.from(encoded, 'base64');
    if (signer !== name || !bytes.subarray(0, 4).equals(id)) continue;
    // Bits that base64 leaves unused would be bytes of the file that nothing speaks for.
    if (bytes.toString('base64') !== encoded) throw new NoteError('a signature line of the note is malformed');
    if (!verify(null, Buffer.from(text), publicKey, bytes.subarray(4)))
      throw new NoteError('the signature does not match the note');
    signed = true;
  }
  if (!signed) throw new NoteError(`the note is not signed by the key ${fingerprintOf(publicKey)} as ${name}`);
  return text;
}

/** What people compare: `sha256:` and the hex SHA-256 of the key's SubjectPublicKeyInfo (DER). */
export function fingerprintOf(publicKey: KeyObject): string {
  return `sha256:${hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'hex')}`;
}

/** The first four bytes of SHA-256 (name || 0x0A || algorithm || key); tells keys apart, proves nothing. */
function keyId(name: string, publicKey: KeyObject): Buffer {
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new NoteError('notes are signed with Ed25519');
  if (!/^[^\s+]+$/.test(name)) throw new NoteError('the name of a key holds neither spaces nor plus signs');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), raw]), 'buffer').subarray(0, 4);
}

function checkText(text: string): void {
  if (!/^(?:[^\u0000-\u001f\u007f]+\n)+$/.test(text))
    throw new NoteError('the text of a note consists of lines that are not empty and hold no control characters');
}
