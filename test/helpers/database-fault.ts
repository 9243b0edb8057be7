import { Client } from 'pg';
import { type TestDatabase } from './database';

const OURS = `('countersign_gateway', 'countersign_worker', 'countersign_loops')`;

/** What an operator, or bad luck, does to a database while others work with it. */
export class DatabaseFault {
  private constructor(private readonly client: Client) {}

  static async of(database: TestDatabase): Promise<DatabaseFault> {
    const client = new Client({ connectionString: database.superuserUrl });
    await client.connect();
    await client.query('set default_transaction_read_only = off');
    return new DatabaseFault(client);
  }

  /** As after a failover to a node that follows: connections break, and whoever comes back may only read. */
  async readOnly(on: boolean): Promise<void> {
    await this.client.query(`do $$ begin
      execute format('alter database %I set default_transaction_read_only = ${on ? 'on' : 'off'}', current_database());
      perform pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename in ${OURS};
    end $$`);
  }

  /** Somebody keeps the whole table to themselves for as long as `work` takes. */
  async locked(table: string, work: () => Promise<void>): Promise<void> {
    await this.client.query('begin');
    try {
      await this.client.query(`lock table ${table} in access exclusive mode`);
      await work();
    } finally {
      await this.client.query('rollback');
    }
  }

  /** Entries of this event cannot be written: the next `times` of them, or all until `mend`. */
  async refuse(event: string, sqlstate: string, times = Number.MAX_SAFE_INTEGER): Promise<void> {
    await this.client.query(`
      create sequence fault_count;
      create function fault() returns trigger language plpgsql security definer set search_path = public as $$
      begin
        if new.leaf::jsonb #>> '{entry,event}' = '${event}' and nextval('fault_count') <= ${String(times)} then
          raise exception 'a fault of the test' using errcode = '${sqlstate}';
        end if;
        return new;
      end $$;
      create trigger fault before insert on ledger for each row execute function fault()`);
  }

  /** How often something was refused so far. */
  async refusals(): Promise<number> {
    const { rows } = await this.client.query<{ n: string }>(
      'select case when is_called then last_value else 0 end as n from fault_count',
    );
    return Number(rows[0]?.n);
  }

  async mend(): Promise<void> {
    await this.client.query('drop trigger fault on ledger; drop function fault; drop sequence fault_count');
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
