import { askReconciliation, findReconciliation } from '../../db/reconciliations';
import { type Target } from '../../domain/documents';
import { type Finding } from '../../domain/reconciliation';
import { createReconcileGrants } from '../../loops/reconcile-grants';
import { createPostgresProvider, type PostgresProvider } from '../../providers/postgres/create-postgres-provider';
import { roleName } from '../../providers/postgres/role-name';
import { beginLent, handOut } from '../helpers/lend-grant';
import { tenant, workshop, world } from '../helpers/own-workshop';
import { alienName, type PlantedRoles, plantedRoles } from '../helpers/planted-roles';
import { BUNDLE, digest } from '../helpers/seed';
import { createTargetDatabase, type TargetDatabase } from '../helpers/target-database';

/* Logins that nobody knows, ended by olga after they were reported. Real database, real target. */

let books: TargetDatabase;
let provider: PostgresProvider;
let roles: PlantedRoles;
beforeAll(async () => {
  books = await createTargetDatabase();
  const settings = { addresses: {}, secret: () => books.minterPassword, production: false, onLost: () => undefined };
  provider = createPostgresProvider(settings);
  roles = plantedRoles(books);
});
afterAll(async () => {
  await provider.close();
  await books.drop();
});
beforeEach(async () => {
  await world.rows(`insert into people (tenant, person, name, roles) values ($1, 'olga', 'Olga', '{operator}')`, [
    tenant,
  ]);
  booksAt(books.target.address);
});
afterEach(async () => await roles.clear());

const booksAt = (address: string): void => {
  const { catalogue } = workshop.policy;
  const targets: Record<string, Target> = { ...catalogue.targets, books: { ...books.target, address } };
  workshop.policy.catalogue = { ...catalogue, targets };
};

/** @param endAliens in place of what the target does */
async function look(endsAliensOf: string | null, endAliens: PostgresProvider['endAliens']): Promise<LookedUp> {
  const asked = await world.as('gateway', tenant, (client) =>
    askReconciliation(client, tenant, { actor: 'olga', endsAliensOf, reason: 'Nobody knows it.' }),
  );
  if ('refused' in asked) throw new Error(asked.refused);
  const providers = { ...workshop.deps.providers, postgres: provider as never };
  const databases = { list: provider.list, endAliens };
  await createReconcileGrants({ pool: world.loops, deps: { ...workshop.deps, providers }, databases })();
  const found = await world.as('gateway', tenant, (client) => findReconciliation(client, tenant, asked.id));
  // Other tests' roles are on the same server, made by minters of their own.
  return { id: asked.id, mine: (found?.findings ?? []).filter(({ kind }) => kind !== 'foreign') };
}
interface LookedUp {
  readonly id: string;
  readonly mine: readonly Finding[];
}

const ended = async (): Promise<object[]> =>
  await world.rows(
    `select (leaf::jsonb -> 'entry' ->> 'ended')::integer as ended from ledger
     where tenant = $1 and key like 'reconciliation/%/finished' order by seq`,
    [tenant],
  );

describe('X85 what nobody knows is not said to have ended', () => {
  it('where it is there again', async () => {
    const role = await roles.plant(alienName());
    const { id } = await look(null, provider.endAliens);
    const { mine } = await look(id, async (target, named) => {
      const done = await provider.endAliens(target, named);
      await roles.plant(role);
      return done;
    });
    expect(mine).toEqual([{ kind: 'alien', target: 'books', role, validUntil: null, sessions: 0, done: 'alive' }]);
    expect(await ended()).toEqual([{ ended: 0 }, { ended: 0 }]);
  });

  it('where its target has moved since it was reported, and it lives at the old address', async () => {
    // A credential of ours keeps that address among those that are looked at.
    const { grantId } = await beginLent(world, tenant, 'books');
    await handOut(world, tenant, grantId);
    await roles.mint(roleName(grantId));
    const role = await roles.plant(alienName());
    const { id } = await look(null, provider.endAliens);
    workshop.earlier[BUNDLE.digest] = workshop.policy.catalogue;
    workshop.policy.bundleDigest = digest('c');
    booksAt('postgres://moved.invalid/books');
    // The server of the new address has no such role, and says so.
    const { mine } = await look(id, (_, named) =>
      Promise.resolve({ kind: 'done', done: new Map(named.map((each) => [each, 'ended'])) }),
    );
    expect(mine).toEqual([{ kind: 'alien', target: 'books', role, validUntil: null, sessions: 0, done: 'alive' }]);
    expect(await roles.login(role)).toBe('in');
    expect(await ended()).toEqual([{ ended: 0 }, { ended: 0 }]);
  });
});
