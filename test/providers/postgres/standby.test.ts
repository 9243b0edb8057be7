import { type PostgresTarget } from '../../../domain/documents';
import { createPostgresProvider, type PostgresProvider } from '../../../providers/postgres/create-postgres-provider';
import { roleName } from '../../../providers/postgres/role-name';
import { startStandby } from '../../helpers/standby';

/*
 * A target whose address leads to a standby, as where a proxy fails over too early. It has heard of one login, and not of another that was made
 * at the primary since.
 */

const HEARD_OF = 'grant-1';
const NOT_YET = 'grant-2';

let standby: Awaited<ReturnType<typeof startStandby>>;
let provider: PostgresProvider;
let target: PostgresTarget;
beforeAll(async () => {
  standby = await startStandby(`
    create role minter login createrole password 'minting';
    create role reader;
    grant reader to minter with admin true;
    set role minter;
    create role ${roleName(HEARD_OF)} login password 'secret' in role reader;`);
  provider = createPostgresProvider({
    addresses: {},
    secret: () => 'minting',
    production: false,
    onLost: () => undefined,
  });
  target = {
    ...{ id: 'books', provider: 'postgres', minter: { role: 'minter', secret: 'minting' }, operations: {} },
    address: `postgres://${standby.host}:${String(standby.port)}/postgres?sslmode=disable`,
    limits: { timeoutMs: 2_000, responseBytes: 4_096 },
  };
}, 60_000);
afterAll(async () => {
  await provider.close();
  await standby.stop();
});

describe('X54 a standby is no proof that a login is dead', () => {
  const code = 'target_read_only';

  it.each([HEARD_OF, NOT_YET])('when %s is to end', async (grantId) => {
    expect(await provider.revoke({ grantId, target, expired: true })).toEqual({ kind: 'live', code });
  });

  it.each([HEARD_OF, NOT_YET])('when it is asked whether it has %s', async (grantId) => {
    expect(await provider.inspect({ target, grantIds: [grantId] })).toEqual({ kind: 'unanswered', code });
  });

  it('when it is asked what it has', async () => {
    expect(await provider.list(target)).toEqual({ kind: 'unanswered', code });
  });

  it.each([HEARD_OF, NOT_YET])('when %s is taken for nobody’s, and is to end', async (grantId) => {
    expect(await provider.endAliens(target, [roleName(grantId)])).toEqual({ kind: 'unanswered', code });
  });
});
