import { Pool } from 'pg';
import { waitUntil } from '../../stack/wait-until';
import { type BenchStack } from '../with-bench-stack';
import { type Call } from './gateway-calls';

export interface Approver {
  /** Votes for an action that waits for it. What a person does to find and read it costs the system under load nothing. */
  approve(actionId: string): Promise<void>;
  close(): Promise<void>;
}

interface Request {
  readonly request: string;
  readonly digest: string;
}

/** Sixty-four of the naive form at once may keep one from asking anybody until after the gateway has answered that it is pending. */
const ASKED_WITHIN_MS = 120_000;

/** Bob, at once. */
export function createApprover({ stack }: BenchStack, call: Call): Approver {
  const pool = new Pool({ connectionString: stack.databaseUrl, options: '-c app.tenant=demo', max: 4 });
  return {
    async approve(actionId) {
      const find = async (): Promise<Request | undefined> =>
        (await pool.query<Request>('select request, digest from approval_requests where action = $1::text', [actionId]))
          .rows[0];
      let asked = await find();
      await waitUntil(async () => (asked ??= await find()) !== undefined, {
        what: 'Nobody was asked',
        withinMs: ASKED_WITHIN_MS,
      });
      const path = `/v1/approvals/${String(asked?.request)}/votes`;
      const { status } = await call('POST', path, stack.people.bob.token, { choice: 'approve', digest: asked?.digest });
      if (status !== 200) throw new Error(`A vote was answered with ${String(status)}.`);
    },
    close: () => pool.end(),
  };
}
