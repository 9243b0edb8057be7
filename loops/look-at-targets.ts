import { type Pool } from 'pg';
import { decidedCatalogue } from '../activities/decided-catalogue';
import { type TouchingDeps } from '../activities/deps';
import { inTransaction } from '../db/in-transaction';
import { ownersOfRoles, type RoleOwner, type StandingGrant, standingGrants } from '../db/reconciliations';
import { type PostgresTarget, type Target } from '../domain/documents';
import { type Finding, type Look } from '../domain/reconciliation';
import { type FoundRole } from '../providers/postgres/list-roles';
import { type PostgresProvider } from '../providers/postgres/create-postgres-provider';
import { roleName } from '../providers/postgres/role-name';

/** What one look at every target found. */
export interface Seen {
  readonly targets: readonly Look[];
  readonly findings: readonly Finding[];
  /** Those that are thought dead and are there, of whichever tenant. */
  readonly undead: readonly (RoleOwner & { readonly role: string; readonly target: string })[];
}

export interface LookingDeps {
  /** Of the role `loops`: whose a role is, is asked over every tenant. */
  readonly pool: Pool;
  readonly deps: TouchingDeps;
  readonly databases: Pick<PostgresProvider, 'list' | 'endAliens'>;
}

/** A target as one of the bundles describes it: its address may have changed since a credential was made there. */
interface Place {
  readonly target: Target;
  readonly roles: readonly FoundRole[] | 'unanswered' | 'unverified';
}

/**
 * Looks once at every target of the bundle in force, and at those where a credential of the tenant may live. Grants are read before the targets,
 * and whose roles there are after them: a role is made after its grant is written, so one without is nobody's.
 */
export async function lookAtTargets({ pool, deps, databases }: LookingDeps, tenant: string): Promise<Seen> {
  const standing = await deps.db.readAsTenant(tenant, (client) => standingGrants(client, tenant));
  const homes = new Map<StandingGrant, Target | undefined>();
  for (const grant of standing) homes.set(grant, (await decidedCatalogue(deps, grant)).targets[grant.target]);
  const targets = new Map<string, Target>();
  for (const target of [...Object.values(deps.pdp().catalogue.targets), ...homes.values()])
    if (target !== undefined) targets.set(JSON.stringify(target), target);
  const places = new Map<string, Place>(
    await Promise.all(
      [...targets].map(async ([name, target]) => [name, { target, roles: await rolesAt(databases, target) }] as const),
    ),
  );

  const found = [...places.values()].flatMap(({ target, roles }) =>
    typeof roles === 'string' ? [] : roles.map((each) => ({ ...each, target: target.id })),
  );
  const owners = await inTransaction(pool, (client) =>
    ownersOfRoles(client, [...new Set(found.map((each) => each.role))]),
  );
  const stranger = ({ role, ours, ...rest }: (typeof found)[number]): Finding[] =>
    owners.has(role) ? [] : [{ kind: ours ? 'alien' : 'foreign', role, ...rest }];
  const lost = ([grant, home]: [StandingGrant, Target | undefined]): Finding[] => {
    const roles = home === undefined ? 'unverified' : (places.get(JSON.stringify(home))?.roles ?? 'unverified');
    const about = { target: grant.target, grant: grant.grantId };
    if (typeof roles === 'string') return [{ kind: 'unverified', ...about }];
    const role = roleName(grant.grantId);
    return grant.held && !roles.some((each) => each.role === role) ? [{ kind: 'missing', role, ...about }] : [];
  };
  return {
    targets: [...places.values()].map(({ target: { id }, roles }) => ({
      target: id,
      state: typeof roles === 'string' ? roles : 'asked',
    })),
    findings: [...found.flatMap(stranger), ...[...homes].flatMap(lost)],
    undead: found.flatMap(({ role, target }) => {
      const owner = owners.get(role);
      return owner?.dead === true ? [{ ...owner, role, target }] : [];
    }),
  };
}

async function rolesAt(databases: LookingDeps['databases'], target: Target): Promise<Place['roles']> {
  if (!isDatabase(target)) return 'unverified';
  const listed = await databases.list(target);
  return listed.kind === 'listed' ? listed.roles : listed.kind;
}

export function isDatabase(target: Target): target is PostgresTarget {
  return target.provider === 'postgres';
}
