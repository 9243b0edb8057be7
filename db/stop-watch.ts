import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { hearStops } from './hear-stops';
import { createStopLine } from './stop-line';

/** What an action is in. */
export interface Scoped {
  readonly tenant: string;
  readonly agent: string;
  readonly team: string;
  readonly type: string;
  /** Scopes of those that its agent comes from. */
  readonly above?: readonly string[];
}

/** What this process knows of stops without asking. It spares work; what holds is asked by the transaction that begins an effect. */
export interface StopWatch {
  /** Whether what this action is in was stopped when this process last heard. */
  stops(action: Scoped): boolean;
  /** It has not heard for so long that there may be a stop it knows nothing of. */
  isDeaf(): boolean;
  /** Hears what there is from now on. Never rejects: whoever cannot hear becomes deaf. */
  readonly hear: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Notifications arrive at once, and may be lost with their connection. */
const EVERY_MS = 1_000;
/** Three rounds that failed and one that was slow. A kill has to be complete within this, so that nobody takes requests for longer. */
const DEAF_AFTER_MS = 5_000;
/** A round takes a millisecond. After this the line is dead, and a new one leaves a second before this process is deaf. */
const ANSWER_MS = 3_000;

/** Hears of every move of a fence, and says so. Resolves after the first round, however it went. */
export async function watchStops(
  pool: Pool,
  kind: 'gateway' | 'worker',
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<StopWatch> {
  // A number of a process comes again, in a container always.
  const name = `${kind}@${hostname().slice(0, 100)}:${String(process.pid)}/${randomUUID().slice(0, 8)}`;
  let closed: ReadonlySet<string> = new Set();
  let heard = 0;
  let heardAt = -Infinity;
  let ended = false;

  const line = createStopLine(pool, log, () => void hear());

  const listen = async (): Promise<void> => {
    const late = setTimeout(line.hangUp, ANSWER_MS);
    try {
      const client = await line.connection();
      // Twice where something moved: the second time says that the first was heard.
      for (;;) {
        const askedAt = performance.now();
        const now = await hearStops(client, { process: name, kind, heard });
        closed = new Set(now.closed.map(([tenant, scope]) => keyOf(tenant, scope)));
        heardAt = askedAt;
        if (now.moves === heard) return;
        heard = now.moves;
        log.info({ moves: now.moves, stopped: closed.size }, 'heard of what is stopped');
      }
    } catch (err) {
      log.warn({ err }, 'could not hear of stops');
      line.hangUp();
    } finally {
      clearTimeout(late);
    }
  };

  let round = Promise.resolve();
  let next: Promise<void> | undefined;
  /** One round at a time; all who ask while one is under way share the one after it. */
  const hear = (): Promise<void> => {
    if (ended) return Promise.resolve();
    next ??= round.then(() => {
      next = undefined;
      return (round = listen());
    });
    return next;
  };

  await hear();
  const timer = setInterval(() => void hear(), EVERY_MS);
  return {
    stops: ({ tenant, agent, team, type, above = [] }) =>
      [
        keyOf('*', 'global'),
        ...['tenant', `agent:${agent}`, `team:${team}`, `action-type:${type}`, ...above].map((scope) =>
          keyOf(tenant, scope),
        ),
      ].some((key) => closed.has(key)),
    isDeaf: () => performance.now() - heardAt > DEAF_AFTER_MS,
    hear,
    close: async () => {
      ended = true;
      clearInterval(timer);
      await (next ?? round);
      try {
        await (await line.connection()).query('select stop_hearing($1::text)', [name]);
      } catch (err) {
        // A minute of silence says the same.
        log.warn({ err }, 'left without a word');
      }
      line.hangUp();
    },
  };
}

function keyOf(tenant: string, scope: string): string {
  return `${tenant}\n${scope}`;
}
