import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Invoice, invoice, pay, vote } from '../helpers/pay';
import { type Spine } from '../helpers/spine';
import { insist } from './insist';

/** How many of a hundred are of each sort. */
const SHARES = { paid: 54, lost: 10, undone: 8, countersigned: 16, changed: 4, cancelled: 4, denied: 4 } as const;
type Sort = keyof typeof SHARES;

/** Small against the day's budget of each currency, so that it lasts for thousands. */
const SMALL = 10;
/** Just enough that somebody has to countersign. The budget lasts for four hundred of them; from then on they are denied. */
const LARGE = 100_001;
const ACCOUNTS = ['CH9300762011623852957', 'DK5000400440116243'];

interface Standing {
  readonly settled: boolean;
  readonly open: string | null;
}

const STANDING = `
  select settled_at is not null as settled,
         (select request from approval_requests r where (r.tenant, r.action, r.state) = (a.tenant, a.action, 'open')) as open
  from actions a where action = $1`;

/** Payments of every sort, with the people who decide on them. Which ones, and what people say, follows from the numbers that an agent is given. */
export class RandomLoad {
  readonly accepted = new Set<string>();
  /** In the memo of each: it must not be found anywhere. */
  readonly canaries: string[] = [];
  readonly #spine: Spine;
  readonly #until: number;
  #moves = 0;
  #slowestMs = 0;

  /** @param until when everything has to have ended, as `performance.now()` counts: while somebody dies again and again one may take long */
  constructor(spine: Spine, until: number) {
    this.#spine = spine;
    this.#until = until;
  }

  /** From the first asking for it to its end, of the action that took longest. */
  get slowestMs(): number {
    return this.#slowestMs;
  }

  /** Asks for one payment, and sees it to its end; or gives up, which the checker will say too. */
  async ask(chance: () => number): Promise<void> {
    const sort = sortOf(chance());
    const currency = chance() < 0.5 ? 'EUR' : 'USD';
    const [choice, first] = [chance() < 0.9 ? 'approve' : 'deny', Math.floor(chance() * 2)] as const;
    const memo = `CANARY-${randomUUID()}`;
    this.canaries.push(memo);
    const since = performance.now();
    const id = await this.#handIn(sort, paramsOf(sort, { currency, memo }));
    const asked = new Set<string>();
    for (;;) {
      const { rows } = await this.#spine.auditor.query<Standing>(STANDING, [id]);
      const { settled = false, open = null } = rows[0] ?? {};
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - since);
      if (settled || performance.now() > this.#until) return;
      if (open !== null && !asked.has(open)) {
        asked.add(open);
        if (sort === 'changed' && asked.size === 1) this.#moveAccount();
        const person = (first + asked.size) % 2 === 0 ? 'bob' : 'carol';
        if (sort === 'cancelled') await this.#cancel(id);
        else await this.#insist(() => vote(this.#spine, person, id, choice));
      }
      await sleep(400);
    }
  }

  async #handIn(sort: Sort, params: Invoice): Promise<string> {
    const { faults } = this.#spine.services.payments;
    const mishap = { operation: 'createPayment', invoiceId: params.invoiceId };
    if (sort === 'lost') void faults.failNext({ ...mishap, how: 'drop-reply' });
    if (sort === 'undone') void faults.failNext({ ...mishap, how: 'refuse' });
    const { id, status } = await this.#insist(() => pay(this.#spine, params, { waitMs: 1_000 }));
    if (status >= 400) throw new Error(`a request was refused with ${String(status)}`);
    this.accepted.add(id);
    return id;
  }

  #moveAccount(): void {
    this.#spine.services.erp.changeIban('vulcan', ACCOUNTS[this.#moves++ % ACCOUNTS.length] ?? '');
  }

  async #cancel(id: string): Promise<void> {
    const { gatewayUrl, agentKey } = this.#spine;
    const headers = { authorization: `Bearer ${agentKey}`, 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify({ reason: 'not needed any more' }) };
    await this.#insist(() => fetch(`${gatewayUrl}/v1/actions/${id}/cancel`, request));
  }

  async #insist<T extends { readonly status: number }>(send: () => Promise<T>): Promise<T> {
    return await insist(send, this.#until - performance.now());
  }
}

function sortOf(chance: number): Sort {
  let left = chance * 100;
  for (const [sort, share] of Object.entries(SHARES)) if ((left -= share) < 0) return sort as Sort;
  return 'paid';
}

function paramsOf(sort: Sort, own: Partial<Invoice>): Invoice {
  const byPeople = sort === 'countersigned' || sort === 'changed' || sort === 'cancelled';
  return invoice({
    ...own,
    amountMinor: byPeople ? LARGE : SMALL,
    ...(sort === 'changed' && { vendorId: 'vulcan' }),
    ...(sort === 'denied' && { vendorId: 'umbrella' }),
  });
}
