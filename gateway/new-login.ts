import { hash, randomBytes } from 'node:crypto';

export interface NewLogin {
  /** Shown once. */
  readonly token: string;
  readonly tokenHash: Buffer;
  /** What it is called from then on, as `person_tokens.login` computes it. */
  readonly id: string;
}

/** A login token of 256 random bits. */
export function newLogin(): NewLogin {
  const token = `countersign_person_${randomBytes(32).toString('base64url')}`;
  const tokenHash = hash('sha256', token, 'buffer');
  return { token, tokenHash, id: tokenHash.toString('hex').slice(0, 16) };
}
