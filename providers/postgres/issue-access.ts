import { CompactEncrypt, importJWK } from 'jose';
import { type PostgresTarget } from '../../domain/documents';
import { type IssueResult, type LentAccess } from '../../domain/provider';
import { elapsedMs } from '../elapsed-ms';
import { failureOf } from './judge-error';
import { issueRole } from './issue-role';
import { type Minter } from './minter';
import { Refused } from './refused';
import { revokeRoles } from './revoke-roles';
import { roleName } from './role-name';
import { type Credential } from './session';

/** A program needs one, a pool or a tool beside it another. More would be a service that runs on a credential for one action. */
const CONNECTIONS = 3;

/** A grant that is nearly over is not worth a login that fails. */
const LEAST_MS = 100;

/**
 * Makes the login role that an agent uses itself. The role of an earlier claim is ended first, with its sessions: another password alone would
 * leave them open. The new one is sealed for the agent's key at once, and known to nobody else.
 */
export function createIssueAccess(minter: Minter, { allowSuperuser }: { readonly allowSuperuser: boolean }) {
  return async function issue(access: LentAccess<PostgresTarget>): Promise<IssueResult> {
    const { target, operation: name, grantId } = access;
    const endsAtMs = elapsedMs() + access.withinMs;
    const leftMs = (): number => Math.max(0, endsAtMs - elapsedMs());
    try {
      const operation = Object.hasOwn(target.operations, name) ? target.operations[name] : undefined;
      if (operation === undefined || operation.sql !== undefined) throw new Refused('operation_unknown');
      if (!(access.withinMs >= LEAST_MS && Number.isFinite(access.withinMs))) throw new Refused('grant_over');
      const role = roleName(grantId);
      const credential = await minter.use(target, async (client) => {
        if (!(await revokeRoles(client, [role]))) throw new Refused('target_session_alive');
        const { profile } = operation;
        return await issueRole(client, { role, profile, connections: CONNECTIONS, leftMs, allowSuperuser });
      });
      return { kind: 'issued', jwe: await sealed(minter, access, credential) };
    } catch (error) {
      return { kind: 'failed', code: failureOf(error) };
    }
  };
}

/** Everything that a login needs, so that the agent has to be told nothing beside it (RFC 7516; RFC 8037 for the curve). */
async function sealed(
  minter: Minter,
  { target, grantId, publicKey }: LentAccess<PostgresTarget>,
  { role: user, password, until }: Credential,
): Promise<string> {
  const { host, port, database, ssl } = minter.addressOf(target);
  const sslmode = ssl === false ? 'disable' : 'verify-full';
  const expiresAt = new Date(until).toISOString();
  const credential = { grant: grantId, host, port, database, user, password, sslmode, expiresAt };
  const key = await importJWK({ kty: 'OKP', crv: 'X25519', x: publicKey }, 'ECDH-ES');
  return await new CompactEncrypt(Buffer.from(JSON.stringify(credential)))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
    .encrypt(key);
}
