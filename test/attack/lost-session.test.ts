import { inTransaction } from '../../db/in-transaction';
import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

it('F5 a session that the database ends between two statements fails its own transaction, and not the process', async () => {
  const uncaught: unknown[] = [];
  const listen = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', listen);
  try {
    const work = inTransaction(world.worker, async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      await world.rows('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await client.query('select 1');
    });
    await expect(work).rejects.toThrow();
    expect(uncaught).toEqual([]);
    expect(await inTransaction(world.worker, async (client) => (await client.query('select 1')).rowCount)).toBe(1);
  } finally {
    process.off('uncaughtException', listen);
  }
});
