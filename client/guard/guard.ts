import { type Reason } from '../../domain/action';
import { type Decision } from '../../domain/decision';
import { decisionReasons } from '../../domain/decision-reasons';
import { failure, type FailureCode } from '../../domain/failures';
import { guardInput } from '../../domain/guard-input';
import { type Json } from '../../domain/json';
import { STALE_AFTER_MS } from '../../domain/reported-decision';
import { outcomeOf } from '../../domain/words';
import { digestOf } from '../../evidence/digest-of';
import { type Pdp } from '../../pdp/create-pdp';
import { type ParamProblem } from '../../pdp/params-validator';
import { CountersignError } from '../countersign-error';
import { type GatewayConnection } from '../gateway-connection';
import { type GuardOptions, type GuardOutcome } from '../guard-outcome';
import { PolicySource } from './policy-source';
import { readBundleKey } from './read-bundle-key';
import { ReportQueue } from './report-queue';

const CONFIRM_WITHIN_MS = 10_000;

/** Decides in this process, records what it decided, and runs what is allowed. It prevents nothing that this process wants to do. */
export class Guard {
  readonly #source: PolicySource;
  readonly #reports: ReportQueue;
  #closed = false;

  private constructor(source: PolicySource, reports: ReportQueue) {
    this.#source = source;
    this.#reports = reports;
  }

  static async create(connection: GatewayConnection, options: GuardOptions): Promise<Guard> {
    const { bundleKey, staleAfterMs = STALE_AFTER_MS, confirmWithinMs = CONFIRM_WITHIN_MS } = options;
    // The gateway takes what is decided later than this for the word of a liar.
    if (staleAfterMs > STALE_AFTER_MS) throw new RangeError(`staleAfterMs is ${STALE_AFTER_MS} at most.`);
    const source = new PolicySource(connection, await readBundleKey(bundleKey), staleAfterMs);
    return new Guard(source, new ReportQueue(connection, confirmWithinMs, () => source.drop()));
  }

  /**
   * @param params of the guard's own: nobody else may change them
   * @throws CountersignError when nobody could be asked what to decide by, or the parameters do not fit; whatever `fn` throws
   */
  async run<T>(type: string, params: Json, fn: (params: Json) => T | Promise<T>): Promise<GuardOutcome<Awaited<T>>> {
    const refusal = await this.#decide(type, params);
    if (refusal !== undefined) return { kind: 'denied', lane: 'cooperative', ...refusal };
    // What is recorded stays what was decided on, whatever the function does with its own.
    const result = await fn(structuredClone(params));
    return { kind: 'executed', lane: 'cooperative', say: outcomeOf('executed', [], {}).say, result };
  }

  async flush(): Promise<void> {
    await this.#reports.flush();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#source.stop();
    this.#reports.stop();
    await this.#reports.flush();
  }

  /** Why not; `undefined` if it may be done. */
  async #decide(type: string, params: Json): Promise<Refusal | undefined> {
    if (this.#closed) throw new Error('This Countersign is closed.');
    const { pdp, agent, stopped, outdated, now } = await this.#source.current();
    const judged = pdp.validateParams(type, params);
    if (!judged.ok) throw notTaken(pdp, type, judged.problems);
    if (outdated) return because('policy_outdated');
    if (this.#reports.blocked) return because('reports_unconfirmed');
    if (stopped.includes(type)) return because('scope_fenced');
    const at = now();
    const input = guardInput(agent, judged.actionType, judged.params, at);
    const decision = pdp.decide(input);
    const inputDigest = digestOf('decision', input as unknown as Json);
    const { effect, bundleDigest: bundle } = decision;
    this.#reports.add({ type, params: judged.params, at, effect, bundle, inputDigest });
    return effect === 'allow' ? undefined : whyNot(decision);
  }
}

interface Refusal {
  readonly say: string;
  readonly reasons: readonly Reason[];
}

function because(code: FailureCode): Refusal {
  const { sentence: message } = failure(code);
  return { say: `This was not done. ${message}`, reasons: [{ code, message }] };
}

/** People are asked about what Countersign carries out, so that what they saw is what is done; here nobody could hold the agent to it. */
function whyNot(decision: Decision): Refusal {
  const reasons = decisionReasons(decision);
  if (decision.effect === 'deny') return { say: outcomeOf('denied', reasons, {}).say, reasons };
  const { sentence: message } = failure('lane_without_approval');
  const remedy = 'Ask with act, for an action type of another lane; the owner of the policies can name one.';
  return {
    say: `This was not done. ${message} ${remedy}`,
    reasons: [{ code: 'lane_without_approval', message, remedy }, ...reasons],
  };
}

function notTaken(
  { catalogue }: Pick<Pdp, 'catalogue'>,
  type: string,
  problems: readonly ParamProblem[],
): CountersignError {
  const code = Object.hasOwn(catalogue.actionTypes, type) ? 'invalid_parameters' : 'unknown_action_type';
  const { sentence } = failure(code);
  if (code === 'unknown_action_type')
    return new CountersignError(`${sentence} guard knows those of the lane cooperative; ask for others with act.`, {
      code,
      status: 0,
    });
  const faults = problems.map(({ path, message }) => ({ path: `/params${path}`, message }));
  const words = faults.map(({ path, message }) => `${path}: ${message}`);
  return new CountersignError([sentence, ...words].join(' '), { code, status: 0, problems: faults });
}
