import { answerReview, type ReviewResult } from '../../db/answer-review';
import { moveAgent } from '../../db/change-agents';
import { listReviews, type ListedReview } from '../../db/list-reviews';
import { decideProposal, listOpenProposals } from '../../db/proposals';
import { reviewAgents } from '../../db/review-agents';
import { type ReviewPeriods } from '../../domain/review-periods';
import { moveClock } from '../helpers/move-clock';
import { AGENT, digest, seedTenant } from '../helpers/seed';
import { type World } from '../helpers/world';

const NEVER = 3_000;
const PERIODS: ReviewPeriods = { inactiveDays: 90, reviewDays: { low: 365, medium: 180, high: 90, critical: 30 } };
/** Of the tests about one of the two. */
export const IDLE: ReviewPeriods = {
  ...PERIODS,
  reviewDays: { low: NEVER, medium: NEVER, high: NEVER, critical: NEVER },
};
export const RIGHTS: ReviewPeriods = { ...PERIODS, inactiveDays: NEVER };

export interface Told {
  readonly entry: Readonly<Record<string, unknown>>;
  readonly body: string | null;
}

/** One tenant whose agents are looked at. Alice owns the seeded agent and oscar made it; bob to frank may approve, olaf and olga operate. */
export class Reviewing {
  private constructor(
    readonly world: World,
    readonly tenant: string,
    private readonly periods: ReviewPeriods,
  ) {}

  static async start(world: World, periods: ReviewPeriods): Promise<Reviewing> {
    const tenant = await seedTenant(world);
    await world.rows(
      `insert into people (tenant, person, name, roles) select $1, p, p, '{operator}' from unnest('{olaf,olga}'::text[]) p`,
      [tenant],
    );
    const reviewing = new Reviewing(world, tenant, periods);
    await reviewing.round();
    return reviewing;
  }

  round(limit = 100, periods = this.periods): Promise<number> {
    return this.world.as('loops', this.tenant, (client) => reviewAgents(client, this.tenant, periods, limit));
  }

  /** Days pass, and what is due by then is done: a round may make something else due at once. */
  async pass(days: number, periods = this.periods): Promise<void> {
    await moveClock(this.world, days, { watched: true });
    for (let rounds = 0; rounds < 3; rounds++) await this.round(100, periods);
  }

  async passAll(...each: readonly number[]): Promise<void> {
    for (const days of each) await this.pass(days);
  }

  async jump(days: number): Promise<void> {
    await moveClock(this.world, days, { watched: false });
    for (let rounds = 0; rounds < 2; rounds++) await this.round();
  }

  async state(): Promise<string | undefined> {
    const rows = await this.world.rows<{ state: string }>('select state from agents where tenant = $1 and agent = $2', [
      this.tenant,
      AGENT.id,
    ]);
    return rows[0]?.state;
  }

  entries(event: string): Promise<Told[]> {
    return this.world.rows(
      `select l.leaf::jsonb -> 'entry' as entry, b.body from ledger l left join ledger_bodies b using (tenant, seq)
       where l.tenant = $1 and l.leaf::jsonb -> 'entry' ->> 'event' = $2 order by seq`,
      [this.tenant, event],
    );
  }

  async notes(): Promise<string[]> {
    const rows = await this.world.rows<{ note: string }>(
      `select kind || ' to ' || person as note from agent_notes where tenant = $1 order by made_at`,
      [this.tenant],
    );
    return rows.map(({ note }) => note);
  }

  listed(): Promise<ListedReview[]> {
    return this.world.as('gateway', this.tenant, (client) => listReviews(client, this.tenant, { limit: 100 }));
  }

  async answer(
    actor: string,
    choice: 'keep' | 'end' = 'keep',
    more: { readonly digest?: string; readonly reason?: string } = {},
  ): Promise<ReviewResult> {
    const [shown] = await this.listed();
    const said = { actor, choice, reason: 'looked at it', digest: shown?.digest ?? digest('0'), ...more };
    return await this.world.as('gateway', this.tenant, (client) => answerReview(client, this.tenant, AGENT.id, said));
  }

  move(what: 'resume' | 'restrict' | 'pause' | 'throttle' | 'quarantine'): Promise<unknown> {
    const asked = { actor: 'olaf', reason: 'a test' };
    return this.world.as('gateway', this.tenant, (client) => moveAgent(client, this.tenant, asked, AGENT.id, what));
  }

  /** The second person's word on what olaf proposed. */
  async confirm(): Promise<unknown> {
    return await this.world.as('gateway', this.tenant, async (client) => {
      const [open] = await listOpenProposals(client, this.tenant, { limit: 1 });
      const what = { proposal: open?.id ?? '', digest: open?.digest ?? '' };
      return await decideProposal(client, this.tenant, { actor: 'olga', reason: 'r', choice: 'confirm', ...what });
    });
  }

  async moreAgents(count: number): Promise<void> {
    await this.world.rows(
      `insert into agents (tenant, agent, version, owner, creator, team, environment)
       select $1, 'idle-' || n, '1', 'alice', 'oscar', 'finance', 'test' from generate_series(1, $2) n`,
      [this.tenant, count],
    );
  }
}
