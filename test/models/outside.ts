import { type Decided } from '../../activities/decide';
import { type VerdictRead } from '../../activities/read-verdict';
import { type StepFound, type StepResult } from '../../activities/results';
import { type Settling } from '../../activities/settle';
import { type UndoResult } from '../../activities/undo-step';
import { type ActionEnding } from '../../domain/action';
import { endingOf } from '../../domain/ending';
import { type Machine } from './machine';

/** What becomes of a call. */
const SENT = ['does it', 'does it', 'does it', 'does it', 'refuses', 'lost', 'late', 'no reply'] as const;

interface Row {
  readonly key: string;
  readonly execution: number;
  /** From then on nothing that was sent can still arrive. */
  readonly openUntil: number;
  state: 'begun' | 'done' | 'failed' | 'absent' | 'undone' | 'stuck';
}

interface Request {
  readonly need: number;
  readonly deadline: number;
  readonly approved: Set<string>;
  denied: boolean;
  closed: 'approved' | 'rejected' | 'expired' | 'cancelled' | undefined;
}

/**
 * Everything outside the workflow in memory: what is stored, who votes, what the target does. Where the product's own guards would stop a
 * workflow that is wrong, this one lets it, and remembers it among the `wrongs`: it is the workflow that is looked at.
 */
export class Outside {
  readonly steps: readonly string[];
  readonly wrongs: string[] = [];
  /** What the target did, in order. */
  readonly target: { readonly step: string; readonly key: string; readonly kind: 'do' | 'undo' }[] = [];
  readonly live = new Map<string, string>();
  readonly tasks = new Set<string>();
  settledAs: ActionEnding | undefined;
  /** How often the target takes no undo now. */
  readonly #busy: number;
  readonly #rows = new Map<string, Row>();
  readonly #decisions = new Map<number, 'allowed' | 'asked' | 'denied'>();
  #request: Request | undefined;
  #round = 1;
  #leaveOfRound: number | undefined;
  #cancelled = false;
  #grants = 0;

  constructor(
    readonly machine: Machine,
    readonly wake: () => void,
  ) {
    this.#busy = machine.pick(0, 0.2, 0.8);
    this.steps = ['book', 'pay', 'tell'].slice(0, machine.pick(1, 2, 3, 3));
    if (machine.chance(0.15))
      machine.after(machine.random() * 60_000, () => this.#happens('cancelled', () => (this.#cancelled = true)));
    // Nobody promises that a wake-up means something.
    if (machine.chance(0.5)) machine.after(machine.random() * 30_000, () => this.#happens('woken', () => undefined));
  }

  /** Steps that the target did and did not undo. */
  standing(): string[] {
    return this.steps.filter((step) => this.#count(step, 'do') > this.#count(step, 'undo'));
  }

  decide(): Decided {
    const { machine } = this;
    if (this.settledAs !== undefined) return { kind: 'nothing' };
    let decision = this.#decisions.get(this.#round);
    if (decision === undefined) {
      decision = machine.pick('allowed', 'allowed', 'asked', 'asked', 'asked', 'denied');
      this.#decisions.set(this.#round, decision);
      if (decision === 'asked') this.#ask();
    }
    const planned = { bundleDigest: 'b', steps: this.steps.map((id) => ({ id, summary: id })) };
    if (decision === 'denied') return { kind: 'denied' };
    if (decision === 'asked') return { kind: 'asked', ...planned, why: ['big'], waiting: this.#wait() };
    this.#leaveOfRound = this.#round;
    return { kind: 'allowed', ...planned };
  }

  readVerdict(): VerdictRead {
    const request = this.#request;
    if (request === undefined) return { kind: 'expired' };
    if (this.#cancelled) request.closed ??= 'cancelled';
    else if (request.denied) request.closed ??= 'rejected';
    else if (request.approved.size >= request.need) request.closed ??= 'approved';
    else if (this.machine.now >= request.deadline) request.closed ??= 'expired';
    if (request.closed === 'approved') this.#leaveOfRound = this.#round;
    return request.closed === undefined ? { kind: 'open', waiting: this.#wait() } : { kind: request.closed };
  }

  performStep(step: string, execution: number): StepResult | undefined {
    const { machine } = this;
    if (this.settledAs !== undefined) this.wrongs.push(`${step} after the end`);
    // An attempt found that the world had changed, and nobody heard it: this round is not decided yet.
    if (!this.#decisions.has(this.#round)) return { kind: 'reconsider' };
    if (this.#leaveOfRound !== this.#round) this.wrongs.push(`${step} without leave`);
    const row = this.#rows.get(step);
    if (row !== undefined && row.execution !== execution && (row.state === 'done' || row.state === 'failed'))
      this.wrongs.push(`${step} taken up, and it is ${row.state}`);
    if (row?.state === 'done') return { kind: 'done', revoked: this.#revoke(step) };
    // The same activity once more: it knows its own attempt, and asks before it sends.
    if (row?.execution === execution) return this.#stateOf(step, row);
    if (this.#request?.denied === true && this.#decisions.get(this.#round) === 'asked')
      return { kind: 'stopped', stopped: 'rejected', code: 'rejected_by_person' };
    if (this.#cancelled) return { kind: 'stopped', stopped: 'cancelled', code: 'cancelled_on_request' };
    if (this.#round < 3 && machine.chance(0.08)) {
      this.#round += 1;
      this.#request = undefined;
      return { kind: 'reconsider' };
    }
    return this.#send(step, execution);
  }

  reconcileStep(step: string): StepFound {
    const row = this.#rows.get(step);
    // It was never begun.
    if (row === undefined) return { kind: 'not_done', revoked: true };
    const known = this.#stateOf(step, row);
    return known ?? { kind: 'not_done', revoked: this.#revoke(step) };
  }

  undoStep(step: string): UndoResult | undefined {
    const { machine } = this;
    const row = this.#rows.get(step);
    if (row === undefined || row.state === 'failed' || row.state === 'absent' || row.state === 'undone')
      return { kind: 'undone', revoked: this.#revoke(step) };
    if (row.state === 'begun') return { kind: 'stuck', revoked: this.#revoke(step) };
    if (row.state === 'stuck') return { kind: 'stuck', revoked: this.#revoke(step) };
    this.#mint(step);
    if (machine.chance(this.#busy)) return undefined;
    const answer = machine.pick('undone', 'undone', 'undone', 'refused');
    if (answer === 'undone') this.#does(step, row.key, 'undo');
    row.state = answer === 'undone' ? 'undone' : 'stuck';
    return { kind: row.state, revoked: this.#revoke(step) };
  }

  revokeGrants(): 'all' | undefined {
    for (const [grant] of this.live) if (this.machine.chance(0.7)) this.live.delete(grant);
    return this.live.size === 0 ? 'all' : undefined;
  }

  settle({ stopped }: Pick<Settling, 'stopped'>): { readonly state: ActionEnding } {
    const records = [...this.#rows].map(([step, { state }]) => ({
      step,
      done: state !== 'failed' && state !== 'absent',
      asApproved: state === 'done',
      undone: state === 'undone',
    }));
    return { state: (this.settledAs ??= endingOf(this.steps, records, stopped)) };
  }

  #send(step: string, execution: number): StepResult {
    const { machine } = this;
    const happens = machine.pick<(typeof SENT)[number]>(...SENT);
    const lateMs = happens === 'late' ? Math.floor(machine.random() * 30_000) : 0;
    const row: Row = {
      key: `${step}/${String(execution)}`,
      execution,
      openUntil: machine.now + lateMs,
      state: 'begun',
    };
    this.#rows.set(step, row);
    this.#mint(step);
    if (happens === 'late') machine.after(lateMs, () => this.#does(step, row.key, 'do'));
    if (happens === 'does it' || happens === 'no reply') this.#does(step, row.key, 'do');
    if (happens === 'does it') row.state = 'done';
    if (happens === 'refuses') row.state = 'failed';
    const revoked = this.#revoke(step);
    if (row.state === 'done') return { kind: 'done', revoked };
    return row.state === 'failed' ? { kind: 'failed', code: 'refused', revoked } : { kind: 'unknown', revoked };
  }

  /** The target is asked by key; nothing where it certainly did not happen. */
  #stateOf(step: string, row: Row): Extract<StepFound, { kind: 'done' | 'failed' | 'unknown' }> | undefined {
    const revoked = this.#revoke(step);
    if (row.state === 'failed') return { kind: 'failed', code: 'refused', revoked };
    if (row.state === 'begun') {
      if (this.machine.now <= row.openUntil || this.machine.chance(0.3)) return { kind: 'unknown', revoked };
      row.state = this.target.some(({ key, kind }) => key === row.key && kind === 'do') ? 'done' : 'absent';
    }
    return row.state === 'done' ? { kind: 'done', revoked } : undefined;
  }

  #does(step: string, key: string, kind: 'do' | 'undo'): void {
    if (kind === 'do' && this.standing().includes(step)) this.wrongs.push(`${step} twice`);
    if (kind === 'undo' && !this.standing().includes(step)) this.wrongs.push(`${step} undone, and it did not stand`);
    this.target.push({ step, key, kind });
    this.machine.note(`target: ${kind} ${step}`);
  }

  #count(step: string, kind: 'do' | 'undo'): number {
    return this.target.filter((each) => each.step === step && each.kind === kind).length;
  }

  #mint(step: string): void {
    this.#grants += 1;
    this.live.set(`${step}/grant/${String(this.#grants)}`, step);
  }

  /** Whether no credential of the step is alive. */
  #revoke(step: string): boolean {
    for (const [grant, of] of this.live) if (of === step && this.machine.chance(0.8)) this.live.delete(grant);
    return ![...this.live.values()].includes(step);
  }

  #wait(): { wakeInMs: number; waitingOn: string[]; people: string[] } {
    const leftMs = (this.#request?.deadline ?? 0) - this.machine.now;
    return { wakeInMs: Math.max(1, leftMs), waitingOn: ['group:g'], people: ['bob'] };
  }

  #ask(): void {
    const { machine } = this;
    const request: Request = {
      need: machine.pick(1, 2),
      deadline: machine.now + Math.floor(machine.random() * 600_000),
      approved: new Set(),
      denied: false,
      closed: undefined,
    };
    this.#request = request;
    for (const person of ['bob', 'carol', 'dora']) {
      if (machine.chance(0.2)) continue;
      const approves = machine.chance(0.9);
      machine.after(machine.random() * 400_000, () => {
        if (this.#request !== request || machine.now >= request.deadline || request.denied) return;
        if (approves && request.closed !== undefined) return;
        this.#happens(`${person} ${approves ? 'approves' : 'denies'}`, () => {
          if (approves) request.approved.add(person);
          else request.denied = true;
        });
      });
    }
  }

  /** Something is stored, and the workflow is woken for it: later, and perhaps twice. */
  #happens(what: string, store: () => void): void {
    store();
    this.machine.note(what);
    const times = this.machine.pick(1, 1, 2);
    for (let told = 0; told < times; told += 1) this.machine.after(this.machine.random() * 2_000, this.wake);
  }
}
