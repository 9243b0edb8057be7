import { type PoolClient } from 'pg';
import { withTenant } from '../../db/with-tenant';
import { type AgentIdentity, guardInput } from '../../domain/guard-input';
import { type Json } from '../../domain/json';
import { type ReportedDecision } from '../../domain/reported-decision';
import { digestOf } from '../../evidence/digest-of';
import { type SignedBundle } from '../../pdp/bundle-format';
import { type Harness, type Reply } from './harness';

export interface Reporting {
  readonly served: (headers?: Record<string, string>, as?: string) => Promise<Reply>;
  readonly decision: (
    seq: number,
    changes?: Partial<ReportedDecision>,
    identity?: AgentIdentity,
  ) => Promise<ReportedDecision>;
  readonly report: (stream: string, decisions: readonly ReportedDecision[], as?: string) => Promise<Reply>;
  readonly asGateway: <T>(work: (client: PoolClient) => Promise<T>) => Promise<T>;
  readonly stateOf: (agent: string) => Promise<string>;
  readonly activate: (agent?: string) => Promise<unknown>;
  readonly entries: (event: string) => Promise<any[]>;
  readonly rowsOf: (stream: string) => Promise<any[]>;
}

/** What an agent's process does with the gateway, and what is recorded of it. */
export function reporting(world: () => { readonly h: Harness; readonly bundle: SignedBundle }): Reporting {
  const h = (): Harness => world().h;
  const bundle = (): SignedBundle => world().bundle;

  const served = (headers: Record<string, string> = {}, as = 'agent'): Promise<Reply> =>
    h().request('GET', '/v1/bundle', { as, headers });

  /** As an honest process makes it, but for what a test changes; the digest of the input is of what is said, unless it is given. */
  async function decision(
    seq: number,
    changes: Partial<ReportedDecision> = {},
    identity?: AgentIdentity,
  ): Promise<ReportedDecision> {
    const agent = identity ?? ((await served()).body.agent as AgentIdentity);
    const actionType = bundle().content.catalogue.actionTypes['infra.read_log'];
    if (actionType === undefined) throw new Error('the type is gone');
    const params = changes.params ?? { service: 'web', lines: 10 };
    const at = changes.at ?? new Date().toISOString();
    const inputDigest = digestOf('decision', guardInput(agent, actionType, params, at) as unknown as Json);
    return {
      seq,
      type: actionType.id,
      params,
      at,
      effect: 'allow',
      bundle: bundle().manifest.digest,
      inputDigest,
      ...changes,
    };
  }

  const report = (stream: string, decisions: readonly ReportedDecision[], as = 'agent'): Promise<Reply> =>
    h().request('POST', '/v1/decisions', { as, json: { stream, decisions } });

  const asGateway = <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => withTenant(h().pool, 'acme', work);
  const stateOf = async (agent: string): Promise<string> =>
    (
      await h().superuser.query<{ state: string }>(`select state from agents where tenant = 'acme' and agent = $1`, [
        agent,
      ])
    ).rows[0]?.state ?? '';
  const activate = (agent = 'agent') =>
    h().superuser.query(`update agents set state = 'active' where tenant = 'acme' and agent = $1`, [agent]);
  const entries = async (event: string): Promise<any[]> =>
    (
      await h().superuser.query<{ entry: any }>(
        `select leaf::jsonb -> 'entry' as entry from ledger where tenant = 'acme' and leaf::jsonb -> 'entry' ->> 'event' = $1 order by seq`,
        [event],
      )
    ).rows.map(({ entry }) => entry);
  const rowsOf = async (stream: string): Promise<any[]> =>
    (
      await h().superuser.query(
        `select seq::integer, effect, verdict, cause, params from reported_decisions where stream = $1 order by seq, recorded_at`,
        [stream],
      )
    ).rows;

  return { served, decision, report, asGateway, stateOf, activate, entries, rowsOf };
}
