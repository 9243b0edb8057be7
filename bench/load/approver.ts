import { Pool } from 'pg';
import { type BenchStack } from '../with-bench-stack';
import { type Call } from './gateway-calls';

export interface Approver {
  /** Votes for an action that waits for it. What a person does to find and read it costs the system under load nothing. */
  approve(actionId: string): Promise<void>;
  close(): Promise<void>;
}

/** Bob, at once. */
export function createApprover({ stack }: BenchStack, call: Call): Approver {
  const pool = new Pool({ connectionString: stack.databaseUrl, options: '-c app.tenant=demo', max: 4 });
  return {
    async approve(actionId) {
      const { rows } = await pool.query<{ request: string; digest: string }>(
        'select request, digest from approval_requests where action = $1::text',
        [actionId],
      );
      const [asked] = rows;
      if (asked === undefined) throw new Error('Nobody was asked.');
      const path = `/v1/approvals/${asked.request}/votes`;
      const { status } = await call('POST', path, stack.people.bob.token, { choice: 'approve', digest: asked.digest });
      if (status !== 200) throw new Error(`A vote was answered with ${String(status)}.`);
    },
    close: () => pool.end(),
  };
}
