import { randomBytes } from 'node:crypto';
import { type TargetDatabase } from './target-database';

/** Login roles at a target that were not made by a worker. Their password is `planted`. */
export interface PlantedRoles {
  /** By hand, as somebody would who has the minter's password. */
  plant(role: string, more?: string): Promise<string>;
  /** As we do. */
  mint(role: string): Promise<string>;
  drop(role: string): Promise<void>;
  /** `in`, or the SQLSTATE with which it was refused. */
  login(role: string): Promise<string>;
  stands(role: string): Promise<boolean>;
  /** Drops what is left. */
  clear(): Promise<void>;
}

export function alienName(): string {
  return `jit_${randomBytes(12).toString('hex')}`;
}

export function plantedRoles(books: TargetDatabase): PlantedRoles {
  const { role: minterRole } = books.target.minter;
  const reader = books.target.operations['list']?.profile ?? '';
  const asMinter = async (...statements: readonly string[]): Promise<void> => {
    const minter = await books.loginAs(minterRole, books.minterPassword);
    for (const statement of statements) await minter.query(statement);
    await minter.end();
  };
  return {
    plant: async (role, more = '') => {
      await asMinter(`create role ${role} login password 'planted' in role ${reader} ${more}`);
      return role;
    },
    mint: async (role) => {
      const until = `valid until '2100-01-01 00:00+00'`;
      const make = `create role ${role} login password 'planted' in role ${reader} ${until}`;
      await asMinter(`set createrole_self_grant = 'inherit'`, make);
      return role;
    },
    drop: async (role) => await asMinter(`drop role ${role}`),
    login: async (role) =>
      await books.loginAs(role, 'planted').then(
        async (client) => (await client.end(), 'in'),
        (error: { code?: string }) => error.code ?? 'lost',
      ),
    stands: async (role) => (await books.rows('select from pg_roles where rolname = $1', [role])).length === 1,
    clear: async () => {
      const left = await books.rows<{ name: string }>(
        `select r.rolname as name from pg_roles r join pg_auth_members m on m.roleid = r.oid and m.admin_option
         where m.member = $1::regrole and r.rolname like 'jit%'`,
        [minterRole],
      );
      for (const { name } of left) await books.rows(`drop owned by ${name}; drop role ${name}`);
    },
  };
}
