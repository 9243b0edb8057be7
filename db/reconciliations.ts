import { type PoolClient } from 'pg';
import { type Finding, type Look, type Reconciliation } from '../domain/reconciliation';
import { onlyRow } from './only-row';
import { LIVE_GRANT_COLUMNS, type LiveGrant } from './live-grants';

export type AskResult = { readonly id: string } | { readonly refused: 'forbidden' | 'not_found' | 'reason_required' };

/** Asks the workers to look. `endsAliensOf`: and to end what that earlier look named as alien. */
export async function askReconciliation(
  client: PoolClient,
  tenant: string,
  asked: { readonly actor: string; readonly endsAliensOf: string | null; readonly reason: string | null },
): Promise<AskResult> {
  const { rows } = await client.query<{ result: AskResult }>(
    'select ask_reconciliation($1::text, $2::text, $3::text, $4::text) as result',
    [tenant, asked.actor, asked.endsAliensOf, asked.reason],
  );
  return onlyRow(rows).result;
}

export async function findReconciliation(
  client: PoolClient,
  tenant: string,
  id: string,
): Promise<Reconciliation | undefined> {
  const { rows } = await client.query<Reconciliation & { readonly askedAt: string }>(
    `select reconciliation as id, asked_by as "askedBy", iso_time(asked_at) as "askedAt", ends_aliens_of as "endsAliensOf",
       iso_time(finished_at) as "finishedAt", targets, findings, digest
     from reconciliations where tenant = $1::text and reconciliation = $2::text`,
    [tenant, id],
  );
  return rows[0];
}

export interface TakenReconciliation {
  readonly tenant: string;
  readonly id: string;
  readonly endsAliensOf: string | null;
}

/** The oldest that nobody looks at, of any tenant. One whose worker died is taken again after a minute: longer than a look takes. */
export async function takeReconciliation(client: PoolClient): Promise<TakenReconciliation | undefined> {
  const { rows } = await client.query<TakenReconciliation>(
    `update reconciliations set taken_at = clock_timestamp()
     where (tenant, reconciliation) = (
       select tenant, reconciliation from reconciliations
       where finished_at is null and coalesce(taken_at, '-infinity') < clock_timestamp() - interval '1 minute'
       order by asked_at limit 1 for update skip locked)
     returning tenant, reconciliation as id, ends_aliens_of as "endsAliensOf"`,
  );
  return rows[0];
}

/** False: another worker has finished it. */
export async function finishReconciliation(
  client: PoolClient,
  tenant: string,
  id: string,
  found: { readonly targets: readonly Look[]; readonly findings: readonly Finding[]; readonly digest: string },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update reconciliations set finished_at = clock_timestamp(), targets = $3::jsonb, findings = $4::jsonb, digest = $5::text
     where tenant = $1::text and reconciliation = $2::text and finished_at is null`,
    [tenant, id, JSON.stringify(found.targets), JSON.stringify(found.findings), found.digest],
  );
  return rowCount === 1;
}

export interface StandingGrant extends LiveGrant {
  /** An agent has its credential, nothing has ended it, and none is being made in its place: so it has to be there. */
  readonly held: boolean;
}

/** Every grant of a tenant that is not known to be dead. */
export async function standingGrants(client: PoolClient, tenant: string): Promise<readonly StandingGrant[]> {
  const { rows } = await client.query<StandingGrant>(
    `select ${LIVE_GRANT_COLUMNS}, access_ended(g.tenant, g.grant_id) is null and coalesce((
       select c.minted_at is not null from grant_claims c where (c.tenant, c.grant_id) = (g.tenant, g.grant_id) order by c.claim desc limit 1), false) as held
     from grants g where g.tenant = $1::text and g.state <> 'revoked' order by g.grant_id limit 10000`,
    [tenant],
  );
  return rows;
}

/** Whose a login role is. */
export interface RoleOwner {
  readonly tenant: string;
  readonly grantId: string;
  readonly action: string;
  readonly dead: boolean;
}

/** As many grants as are named within some hundredths of a second. */
const PAGE = 10_000;

/**
 * The grants, of every tenant and whatever they are for, whose login roles these are: a cluster is shared by more than one target, and a target is
 * renamed. Reads every grant there is, page by page, for a name leads back to no grant.
 */
export async function ownersOfRoles(
  client: PoolClient,
  roles: readonly string[],
): Promise<ReadonlyMap<string, RoleOwner>> {
  const owners = new Map<string, RoleOwner>();
  for (let after: readonly string[] = ['', '']; roles.length > 0;) {
    const { rows } = await client.query<RoleOwner & { readonly role: string | null }>(
      `with page as materialized (
         select tenant, grant_id, action, state from grants where (tenant, grant_id) > ($1::text, $2::text) order by tenant, grant_id limit $3::integer)
       select p.tenant, p.grant_id as "grantId", p.action, p.state = 'revoked' as dead, r.role
       from page p, lateral (values (grant_role(p.grant_id)), (grant_role(p.grant_id || '.status'))) r (role) where r.role = any ($4::text[])
       union all
       (select tenant, grant_id, action, false, null from page order by tenant desc, grant_id desc limit 1)`,
      [...after, PAGE, roles],
    );
    const last = rows.find(({ role }) => role === null);
    if (last === undefined) break;
    for (const { role, ...owner } of rows) if (role !== null) owners.set(role, owner);
    after = [last.tenant, last.grantId];
  }
  return owners;
}
