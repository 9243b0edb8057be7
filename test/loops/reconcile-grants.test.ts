import { randomBytes, randomUUID } from 'node:crypto';
import { askReconciliation, type AskResult, findReconciliation } from '../../db/reconciliations';
import { recordRevocation } from '../../db/record-revocation';
import { type PostgresTarget, type Target } from '../../domain/documents';
import { type Finding, type Reconciliation } from '../../domain/reconciliation';
import { statusGrantId } from '../../domain/provider';
import { digestOf } from '../../evidence/digest-of';
import { createReconcileGrants } from '../../loops/reconcile-grants';
import { createPostgresProvider, type PostgresProvider } from '../../providers/postgres/create-postgres-provider';
import { roleName } from '../../providers/postgres/role-name';
import { beginLent, handOut } from '../helpers/lend-grant';
import { alienName, type PlantedRoles, plantedRoles } from '../helpers/planted-roles';
import { begin, BUNDLE, decideOn, digest, seedAction, seedTenant } from '../helpers/seed';
import { createTargetDatabase, type TargetDatabase } from '../helpers/target-database';
import { createWorkshop, type Workshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';

/* Real database, real target, whose server other tests use with minters of their own; olga operates. */

let world: World;
let books: TargetDatabase;
let provider: PostgresProvider;
let roles: PlantedRoles;
let tenant: string;
let workshop: Workshop;
/** What happens just before the target is asked, or just after, in the look of that number. */
let before: Record<number, () => Promise<unknown>>;
let after: Record<number, () => Promise<unknown>>;

beforeAll(async () => {
  world = await createWorld();
  books = await createTargetDatabase();
  const settings = { addresses: {}, secret: () => books.minterPassword, production: false, onLost: () => undefined };
  provider = createPostgresProvider(settings);
  roles = plantedRoles(books);
});
afterAll(async () => {
  await provider.close();
  await books.drop();
  await world.close();
});

const targets = (more: Readonly<Record<string, Target>> = {}): void => {
  const { catalogue } = workshop.policy;
  workshop.policy.catalogue = { ...catalogue, targets: { ...catalogue.targets, books: books.target, ...more } };
};
beforeEach(async () => {
  tenant = await seedTenant(world);
  await world.rows(`insert into people (tenant, person, name, roles) values ($1, 'olga', 'Olga', '{operator}')`, [
    tenant,
  ]);
  workshop = createWorkshop(world);
  targets();
  [before, after] = [{}, {}];
});
afterEach(async () => await roles.clear());

/** A grant whose credential an agent has, with the role that goes with it. */
async function lent(of = tenant): Promise<{ grantId: string; role: string }> {
  const { grantId } = await beginLent(world, of, 'books');
  await handOut(world, of, grantId);
  return { grantId, role: await roles.mint(roleName(grantId)) };
}
const ended = (grantId: string, of = tenant): Promise<unknown> =>
  world.as('worker', of, (client) => recordRevocation(client, of, grantId, { kind: 'revoked' }));

const ask = (endsAliensOf: string | null = null, reason: string | null = null, actor = 'olga'): Promise<AskResult> =>
  world.as('gateway', tenant, (client) => askReconciliation(client, tenant, { actor, endsAliensOf, reason }));
const read = (id: string): Promise<Reconciliation | undefined> =>
  world.as('gateway', tenant, (client) => findReconciliation(client, tenant, id));
const round = (): Promise<boolean> => {
  let looks = 0;
  const databases: Pick<PostgresProvider, 'list' | 'endAliens'> = {
    list: async (target) => {
      const number = ++looks;
      await before[number]?.();
      const listed = await provider.list(target);
      await after[number]?.();
      return listed;
    },
    endAliens: async (target, roles) => await provider.endAliens(target, roles),
  };
  const providers = { ...workshop.deps.providers, postgres: provider as never };
  return createReconcileGrants({ pool: world.loops, deps: { ...workshop.deps, providers }, databases })();
};

interface Found extends Reconciliation {
  /** What is this test's, in order. */
  readonly mine: readonly Finding[];
}

async function look(endsAliensOf: string | null = null, reason: string | null = null): Promise<Found> {
  const asked = await ask(endsAliensOf, reason);
  if ('refused' in asked) throw new Error(asked.refused);
  expect(await round()).toBe(true);
  const found = await read(asked.id);
  if (found?.findings == null) throw new Error('nobody looked');
  // Other tests' roles are on the same server, made by minters of their own.
  return { ...found, mine: found.findings.filter(({ kind }) => kind !== 'foreign') };
}

it('X85 S4 S21 finds what nobody knows and what is not there, and says nothing of what stands', async () => {
  const standing = await lent();
  const theirs = await lent(await seedTenant(world));
  const gone = await lent();
  await roles.drop(gone.role);
  const alien = await roles.plant(alienName(), `valid until '2100-01-01 00:00+00'`);
  const found = await look();
  expect(found.mine).toEqual([
    { kind: 'alien', target: 'books', role: alien, validUntil: '2100-01-01T00:00:00Z', sessions: 0 },
    { kind: 'missing', target: 'books', role: gone.role, grant: gone.grantId },
  ]);
  expect(found.targets).toEqual([
    { target: 'bank', state: 'unverified' },
    { target: 'books', state: 'asked' },
  ]);
  for (const role of [alien, standing.role, theirs.role]) expect([role, await roles.login(role)]).toEqual([role, 'in']);
  expect(found.digest).toBe(digestOf('findings', { targets: found.targets, findings: found.findings } as never));
  const told = await world.rows<{ event: string; digest: string | null }>(
    `select leaf::jsonb -> 'entry' ->> 'event' as event, leaf::jsonb -> 'entry' ->> 'digest' as digest
     from ledger where tenant = $1 and key like 'reconciliation/%' order by seq`,
    [tenant],
  );
  expect(told).toEqual([
    { event: 'reconciliation.asked', digest: null },
    { event: 'reconciliation.finished', digest: found.digest },
  ]);
});

it('I4 what was thought dead and is there is ended at once, also where it is another tenant’s, whom alone the report is not told', async () => {
  const other = await seedTenant(world);
  const theirs = await lent(other);
  const ours = await lent();
  const asked = await lent();
  await ended(theirs.grantId, other);
  await ended(ours.grantId);
  await ended(asked.grantId);
  await roles.drop(asked.role);
  const status = await roles.mint(roleName(statusGrantId(asked.grantId)));
  const found = await look();
  expect(found.mine.toSorted((a, b) => (a.grant ?? '').localeCompare(b.grant ?? ''))).toEqual(
    [
      { kind: 'found_alive', target: 'books', role: ours.role, grant: ours.grantId, done: 'ended' },
      { kind: 'found_alive', target: 'books', role: status, grant: asked.grantId, done: 'ended' },
    ].toSorted((a, b) => a.grant.localeCompare(b.grant)),
  );
  for (const role of [theirs.role, ours.role, status]) expect([role, await roles.stands(role)]).toEqual([role, false]);
  const events = await world.rows<{ tenant: string }>(
    `select tenant from ledger where key like 'grant/%/found_alive/%' and tenant = any ($1)`,
    [[tenant, other]],
  );
  expect(events.map((each) => each.tenant).toSorted()).toEqual([tenant, tenant, other].toSorted());
  expect(
    await world.rows(`select from grants where tenant = any ($1) and state <> 'revoked'`, [[tenant, other]]),
  ).toEqual([]);
});

it('X85 names that nearly match are nobody’s business, whatever is asked', async () => {
  const near = [
    ...['jit_', `jit_${'a'.repeat(23)}`, `jit_${'a'.repeat(25)}`, `jit_${'A'.repeat(24)}`, `jit_${'g'.repeat(24)}`],
    ...[`jit-${'a'.repeat(24)}`, `xjit_${'a'.repeat(24)}`, `jit_${'a'.repeat(24)}\n`, ` jit_${'a'.repeat(23)}`],
  ].map((name, index) => (index === 0 ? `${name}${randomBytes(3).toString('hex')}` : name));
  for (const role of near) await books.rows(`create role "${role}" login`);
  try {
    for (const role of near) await books.rows(`grant "${role}" to ${books.target.minter.role} with admin true`);
    expect((await look()).mine).toEqual([]);
    const ending = await provider.endAliens(books.target, near);
    expect(ending).toEqual({ kind: 'done', done: new Map(near.map((role) => [role, 'ended'])) });
    for (const role of near) expect([role, await roles.stands(role)]).toEqual([role, true]);
  } finally {
    for (const role of near) await books.rows(`drop role "${role}"`);
  }
});

describe('X85 what nobody knows', () => {
  it('is ended only once it was reported, by who says why', async () => {
    const reported = await roles.plant(alienName());
    const { id } = await look();
    const later = await roles.plant(alienName());
    expect(await ask(id)).toEqual({ refused: 'reason_required' });
    expect(await ask(id, '  ')).toEqual({ refused: 'reason_required' });
    expect(await ask(`rec-${randomUUID()}`, 'because')).toEqual({ refused: 'not_found' });
    expect(await ask(id, 'because', 'bob')).toEqual({ refused: 'forbidden' });
    expect([await roles.login(reported), await roles.login(later)]).toEqual(['in', 'in']);
    const found = await look(id, 'Nobody knows it.');
    expect(found.mine).toEqual([
      { kind: 'alien', target: 'books', role: reported, validUntil: null, sessions: 0, done: 'ended' },
      { kind: 'alien', target: 'books', role: later, validUntil: null, sessions: 0 },
    ]);
    expect([await roles.login(reported), await roles.login(later)]).toEqual(['28P01', 'in']);
    const [asked] = await world.rows<{ body: string }>(
      `select b.body as body from ledger l join ledger_bodies b using (tenant, seq)
       where l.tenant = $1 and key like 'reconciliation/%/asked' order by l.seq desc limit 1`,
      [tenant],
    );
    expect(asked?.body).toContain('Nobody knows it.');
  });

  it('and turns out to be known is left alone', async () => {
    const { role } = await lent();
    const id = `rec-${randomUUID()}`;
    await world.rows(
      `insert into reconciliations (tenant, reconciliation, asked_by, finished_at, targets, findings, digest)
       values ($1, $2, 'olga', now(), '[]', $3, $4)`,
      [tenant, id, JSON.stringify([{ kind: 'alien', target: 'books', role }]), digest('a')],
    );
    expect((await look(id, 'because')).mine).toEqual([]);
    expect(await roles.login(role)).toBe('in');
  });

  it('and owns something is locked, with its sessions ended, and nothing of it is dropped', async () => {
    const role = await roles.plant(alienName());
    await books.rows(`create table way_in (); alter table way_in owner to ${role}`);
    const session = await books.loginAs(role, 'planted');
    const { id } = await look();
    expect((await look(id, 'because')).mine).toEqual([
      { kind: 'alien', target: 'books', role, validUntil: null, sessions: 1, done: 'locked' },
    ]);
    await expect(session.query('select 1')).rejects.toThrow();
    expect(await roles.login(role)).toBe('28000');
    expect(await books.rows('select tableowner from pg_tables where tablename = $1', ['way_in'])).toEqual([
      { tableowner: role },
    ]);
  });

  it('and was made by another minter is foreign, and not ours to end', async () => {
    const role = alienName();
    await books.rows(
      `create role ${role} login password 'planted' in role ${books.target.operations['list']?.profile ?? ''}`,
    );
    try {
      const { id, findings } = await look();
      expect(findings?.filter((each) => each.role === role)).toEqual([
        { kind: 'foreign', target: 'books', role, validUntil: null, sessions: 0 },
      ]);
      await look(id, 'because');
      expect(await provider.endAliens(books.target, [role])).toEqual({
        kind: 'done',
        done: new Map([[role, 'alive']]),
      });
      expect(await roles.login(role)).toBe('in');
    } finally {
      await books.rows(`drop role ${role}`);
    }
  });
});

describe('what changes meanwhile', () => {
  it('is not missing where it is ended between the look at the table and that at the target', async () => {
    const { role, grantId } = await lent();
    before[1] = async () => {
      await roles.drop(role);
      await ended(grantId);
    };
    expect((await look()).mine).toEqual([]);
  });

  it('is not taken for alive where it is ended between the look at the target and that at the table', async () => {
    const { role, grantId } = await lent();
    after[1] = async () => {
      await roles.drop(role);
      await ended(grantId);
    };
    expect((await look()).mine).toEqual([]);
    expect(await world.rows(`select from ledger where tenant = $1 and key like '%found_alive%'`, [tenant])).toEqual([]);
  });

  it.each([
    'reconcileGrants.endAgain:before-commit',
    'reconcileGrants.endAgain:after-commit',
    'reconcileGrants.tell:before-commit',
  ])('is looked at again where the worker died at %s, and told once', async (point) => {
    const { role, grantId } = await lent();
    await ended(grantId);
    const asked = await ask();
    if ('refused' in asked) throw new Error(asked.refused);
    workshop.dieAt = point;
    await expect(round()).rejects.toThrow('died');
    expect(await round()).toBe(false); // a minute has not passed
    await world.rows(`update reconciliations set taken_at = now() - interval '2 minutes' where tenant = $1`, [tenant]);
    expect(await round()).toBe(true);
    expect((await read(asked.id))?.finishedAt).not.toBeNull();
    expect(await round()).toBe(false);
    if (!point.includes('after-commit')) expect(await roles.stands(role)).toBe(false);
    // Its row says that it lives: the reaper goes on with it.
    else
      expect(await world.rows('select state from grants where grant_id = $1', [grantId])).toEqual([
        { state: 'revoking' },
      ]);
  });
});

describe('a target that cannot be asked', () => {
  it('leaves what may live there unverified, and is said to be so', async () => {
    const { grantId } = await lent();
    const away: PostgresTarget = { ...books.target, address: 'postgres://127.0.0.1:1/books?sslmode=disable' };
    const over = await seedAction(world, tenant);
    await decideOn(world, over);
    await decideOn(world, over, { stage: 'preflight/pay' });
    await begin(world, over);
    const alien = await roles.plant(alienName());
    targets({ books: away });
    const found = await look();
    expect(found.targets).toEqual([
      { target: 'bank', state: 'unverified' },
      { target: 'books', state: 'unanswered' },
    ]);
    expect(found.mine.toSorted((a, b) => a.target.localeCompare(b.target))).toEqual([
      { kind: 'unverified', target: 'bank', grant: `${over.actionId}.pay.do.1` },
      { kind: 'unverified', target: 'books', grant: grantId },
    ]);
    expect(await roles.stands(alien)).toBe(true);
  });

  it('is looked for where its credentials were made, by whichever name', async () => {
    const { role } = await lent();
    const { catalogue } = workshop.policy;
    workshop.earlier[BUNDLE.digest] = catalogue;
    workshop.policy.bundleDigest = digest('c');
    // The database goes by another name since: its roles are known all the same.
    workshop.policy.catalogue = { ...catalogue, targets: { ledger: { ...books.target, id: 'ledger' } } };
    expect((await look()).mine).toEqual([]);
    await roles.drop(role);
    expect((await look()).mine).toMatchObject([{ kind: 'missing', target: 'books', role }]);
  });
});
