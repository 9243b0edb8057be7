import { type PoolClient } from 'pg';
import { type PostgresTarget } from '../../domain/documents';
import { type EffectResult, type Provider, type ProviderCall, statusGrantId } from '../../domain/provider';
import { beginCall, type BegunCall } from './begin-call';
import { type Finding } from '../../domain/reconciliation';
import { endAliens } from './end-aliens';
import { createIssueAccess } from './issue-access';
import { expiredRoles } from './expired-roles';
import { grantsWithRoles } from './grants-with-roles';
import { failureOf, refusalOf } from './judge-error';
import { type FoundRole, listRoles } from './list-roles';
import { createMinter, type PostgresOptions } from './minter';
import { revokeRoles } from './revoke-roles';
import { roleName } from './role-name';
import { askMarker, runStatement } from './run-statement';

export interface PostgresProvider extends Required<Provider<PostgresTarget>> {
  /** Ends login roles whose time was over long ago, whoever forgot them. */
  sweep(target: PostgresTarget): Promise<Swept>;
  /** Every login role of our naming that the target's server has. */
  list(target: PostgresTarget): Promise<Listed>;
  /** Ends login roles that no grant knows, or says of each why not. */
  endAliens(target: PostgresTarget, roles: readonly string[]): Promise<AliensEnded>;
  /** Closes the connections that are kept. */
  close(): Promise<void>;
}

interface Unanswered {
  readonly kind: 'unanswered';
  readonly code: string;
}

/** `left`: those that could not be ended. */
export type Swept =
  { readonly kind: 'swept'; readonly ended: readonly string[]; readonly left: readonly string[] } | Unanswered;
export type Listed = { readonly kind: 'listed'; readonly roles: readonly FoundRole[] } | Unanswered;
export type AliensEnded =
  { readonly kind: 'done'; readonly done: ReadonlyMap<string, NonNullable<Finding['done']>> } | Unanswered;

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

  const asked = async <T>(target: PostgresTarget, ask: (client: PoolClient) => Promise<T>): Promise<T | Unanswered> => {
    try {
      return await minter.use(target, ask);
    } catch (error) {
      return { kind: 'unanswered', code: failureOf(error) };
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
    inspect: async ({ target, grantIds }) =>
      await asked(target, async (client) => ({ kind: 'found', alive: await grantsWithRoles(client, grantIds) })),
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
    sweep: async (target) => await sweepEach((ask) => asked(target, ask)),
    list: async (target) => await asked(target, async (client) => ({ kind: 'listed', roles: await listRoles(client) })),
    endAliens: async (target, roles) =>
      await asked(target, async (client) => ({ kind: 'done', done: await endAliens(client, roles) })),
    close: async () => await minter.close(),
  };
}

type Ask = <T>(ask: (client: PoolClient) => Promise<T>) => Promise<T | Unanswered>;

/** Each alone: one that the server does not let go of keeps no other. */
async function sweepEach(asked: Ask): Promise<Swept> {
  const expired = await asked(async (client) => ({ kind: 'found', roles: await expiredRoles(client) }) as const);
  if (expired.kind === 'unanswered') return expired;
  const swept = { kind: 'swept', ended: [] as string[], left: [] as string[] } as const;
  for (const role of expired.roles) {
    const one = await asked(async (client) => ({ kind: 'asked', ended: await revokeRoles(client, [role]) }) as const);
    (one.kind === 'asked' && one.ended ? swept.ended : swept.left).push(role);
  }
  return swept;
}
