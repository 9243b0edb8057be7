import { type PostgresTarget } from '../../domain/documents';
import { type EffectResult, type Provider, type ProviderCall, statusGrantId } from '../../domain/provider';
import { beginCall, type BegunCall } from './begin-call';
import { createIssueAccess } from './issue-access';
import { expiredRoles } from './expired-roles';
import { grantsWithRoles } from './grants-with-roles';
import { failureOf, refusalOf } from './judge-error';
import { createMinter, type PostgresOptions } from './minter';
import { revokeRoles } from './revoke-roles';
import { roleName } from './role-name';
import { askMarker, runStatement } from './run-statement';

export interface PostgresProvider extends Required<Provider<PostgresTarget>> {
  /** Ends login roles whose time was over long ago, whoever forgot them. */
  sweep(target: PostgresTarget): Promise<Swept>;
  /** Closes the connections that are kept. */
  close(): Promise<void>;
}

export type Swept =
  | { readonly kind: 'swept'; readonly ended: readonly string[] }
  | { readonly kind: 'unanswered'; readonly code: string };

/**
 * Acts on Postgres databases: each call as a login role that is made for it and lives for seconds, with the privileges of one profile of the
 * target. What the call changes and the marker that says so are one transaction. `docs/targets.md` has what the target must set up.
 */
export function createPostgresProvider(options: PostgresOptions): PostgresProvider {
  const minter = createMinter(options);
  const begin = async (call: ProviderCall<PostgresTarget>): Promise<BegunCall> =>
    await beginCall(minter, call, { allowSuperuser: !options.production });

  const change = async (call: ProviderCall<PostgresTarget>): Promise<EffectResult> => {
    let begun: BegunCall;
    try {
      begun = await begin(call);
    } catch (error) {
      return { kind: 'failed', code: refusalOf(error, 'not_sent') };
    }
    try {
      return await runStatement(begun.session, begun.marked);
    } finally {
      await begun.session.close();
    }
  };

  return {
    issue: createIssueAccess(minter, { allowSuperuser: !options.production }),
    execute: change,
    undo: change,
    status: async (call) => {
      try {
        const { session, marked } = await begin(call);
        try {
          return await askMarker(session, marked);
        } finally {
          await session.close();
        }
      } catch (error) {
        return { kind: 'unanswered', code: failureOf(error) };
      }
    },
    inspect: async ({ target, grantIds }) => {
      try {
        const alive = await minter.use(target, async (client) => await grantsWithRoles(client, grantIds));
        return { kind: 'found', alive };
      } catch (error) {
        return { kind: 'unanswered', code: failureOf(error) };
      }
    },
    revoke: async ({ grantId, target }) => {
      const roles = [roleName(grantId), roleName(statusGrantId(grantId))];
      try {
        const ended = await minter.use(target, async (client) => await revokeRoles(client, roles));
        return ended ? { kind: 'revoked' } : { kind: 'live', code: 'target_session_alive' };
      } catch (error) {
        // Even after its time: what a role still holds or has open ends only with it.
        return { kind: 'live', code: failureOf(error) };
      }
    },
    sweep: async (target) => {
      try {
        const ended = await minter.use(target, async (client) => {
          const roles = await expiredRoles(client);
          return (await revokeRoles(client, roles)) ? roles : [];
        });
        return { kind: 'swept', ended };
      } catch (error) {
        return { kind: 'unanswered', code: failureOf(error) };
      }
    },
    close: async () => await minter.close(),
  };
}
