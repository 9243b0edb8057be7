import { hash } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { Refusal } from './refusal';

/** The call that a token must have been made for. */
export interface PresentedCall {
  readonly authorization: string | undefined;
  readonly operation: string;
  readonly changes: boolean;
  readonly method: string;
  /** Path and query as they came in. */
  readonly url: string;
  readonly body: Buffer;
}

const claimsSchema = z.object({
  iss: z.enum(['countersign/effects', 'countersign/facts']),
  sub: z.string().min(1),
  jti: z.string().min(1).max(128),
  exp: z.number(),
  op: z.string(),
  htm: z.string(),
  htu: z.string(),
  bdy: z.string(),
  tenant: z.string().optional(),
  act: z.string().optional(),
  dig: z.string().optional(),
});

export type Claims = z.infer<typeof claimsSchema>;

/** Decides at the door whether a call comes with a credential that was made for exactly it. Trusts one set of public keys, and nobody before `trust`. */
export class TokenGate {
  readonly #audience: string;
  readonly #revoked = new Set<string>();
  /** What each token was first used for: a token is good for one change, however often that change is repeated. */
  readonly #usedFor = new Map<string, string>();
  /** Tokens that changed something, to be able to ask later whether they still could. */
  readonly #seen = new Map<string, Claims>();
  #keys: ReturnType<typeof createRemoteJWKSet> | undefined;

  constructor(audience: string) {
    this.#audience = audience;
  }

  /** @param jwksUrl where the gateway publishes its keys */
  trust(jwksUrl: string): void {
    this.#keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 2_000 });
  }

  /** Verifies the token of a call; throws a `Refusal` that says what is wrong with it. */
  async admit(call: PresentedCall): Promise<Claims> {
    const token = /^Bearer (\S+)$/.exec(call.authorization ?? '')?.[1];
    if (token === undefined) throw new Refusal(401, 'token_missing');
    const claims = await this.#verify(token);
    if (claims.op !== call.operation) throw new Refusal(401, 'token_for_other_operation');
    if (claims.htm !== call.method || claims.htu !== call.url) throw new Refusal(401, 'token_for_other_request');
    if (claims.bdy !== hash('sha256', call.body)) throw new Refusal(401, 'token_for_other_body');
    if (call.changes && claims.iss !== 'countersign/effects') throw new Refusal(403, 'token_only_reads');
    if (call.changes) this.#seen.set(token, claims);
    return claims;
  }

  /** Binds a token to the one change that it is used for; throws a `Refusal` if it was used for another. */
  spend(claims: Claims, change: string): void {
    const first = this.#usedFor.get(claims.jti) ?? change;
    if (first !== change) throw new Refusal(401, 'token_spent');
    this.#usedFor.set(claims.jti, first);
  }

  revoke(tokenId: string): void {
    this.#revoked.add(tokenId);
  }

  /** Whether the service would still accept this token today, for the request it was made for. */
  async accepts(token: string): Promise<boolean> {
    return this.#verify(token).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Refusal) return false;
        throw error;
      },
    );
  }

  /** Ids of the tokens of actions that could still change something: neither expired nor revoked. */
  async liveTokens(): Promise<readonly string[]> {
    const live: string[] = [];
    for (const [token, claims] of this.#seen) {
      if (claims.act !== undefined && (await this.accepts(token))) live.push(claims.jti);
    }
    return live;
  }

  async #verify(token: string): Promise<Claims> {
    if (this.#keys === undefined) throw new Refusal(503, 'nobody_trusted_yet');
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys, {
        algorithms: ['EdDSA'],
        typ: 'countersign+jwt',
        audience: this.#audience,
        requiredClaims: ['exp', 'nbf', 'iat'],
      });
      const claims = claimsSchema.parse(payload);
      // The name of the key, not the claim alone, says what a token may do.
      const purpose = claims.iss === 'countersign/effects' ? 'effects-' : 'facts-';
      if (!protectedHeader.kid?.startsWith(purpose)) throw new Refusal(401, 'token_of_other_key');
      if (this.#revoked.has(claims.jti)) throw new Refusal(401, 'token_revoked');
      return claims;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if (error instanceof errors.JWTExpired) throw new Refusal(401, 'token_expired');
      if (error instanceof errors.JWKSTimeout) throw new Refusal(503, 'keys_unreachable');
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) throw new Refusal(401, 'token_invalid');
      throw new Refusal(503, 'keys_unreachable', { cause: error });
    }
  }
}
