import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { type Ledger } from '../db/ledger';
import { type StopWatch } from '../db/stop-watch';
import { type JsonObject } from '../domain/json';
import { type FactReader } from '../domain/provider';
import { type Pdp } from '../pdp/create-pdp';
import { type GatewayMetrics } from '../telemetry/create-gateway-metrics';
import { type Readiness } from '../telemetry/create-readiness';
import { type ScraperCheck } from '../telemetry/create-scraper-check';
import { type StoredStart } from '../temporal/start-of';
import { type AgentBundles } from './agent-bundles';
import { type AgentTokens } from './agent-tokens';
import { type AgentTurns } from './agent-turns';
import { type Background } from './background';
import { type Listener } from './listener';
import { type PageRoute } from './page-route';
import { type OutcomeWatch } from './outcome-watch';
import { type StrangerCount } from './stranger-count';

/** An action as the workflow service must know it to start it. */
export type StartableAction = StoredStart;

/** What the gateway is wired from (`main.ts`). */
export interface GatewayDeps {
  readonly pool: Pool;
  readonly ledger: Ledger;
  /** The bundle in force, as far as the gateway needs it: it describes and checks requests, and foretells what would be decided. It decides nothing. */
  readonly pdp: Pick<Pdp, 'bundle' | 'catalogue' | 'validateParams' | 'decide'>;
  /** What agents get of a bundle, and what their reports are judged by. */
  readonly agentBundles: AgentBundles;
  /** By which agents are known. */
  readonly agentTokens: AgentTokens;
  /** What agents have written waits here. */
  readonly agentTurns: AgentTurns;
  readonly facts: FactReader;
  /** Starts the workflow and waits for its first answer. `pending`: none came in time, and perhaps not even the start was heard. */
  submit(action: StartableAction, waitMs: number): Promise<'answered' | 'pending'>;
  /** Starts the workflow or tells it to look at Postgres. `closed`: it has come to its end. Rejects where nobody heard it. */
  wake(action: StartableAction): Promise<'woken' | 'closed'>;
  readonly stops: StopWatch;
  readonly watch: OutcomeWatch;
  readonly background: Background;
  readonly strangers: StrangerCount;
  readonly log: Logger;
  readonly metrics: GatewayMetrics;
  readonly mayScrape: ScraperCheck;
  readonly readiness: Readiness;
  /** Whether Temporal answers; without it requests are taken too. */
  readonly temporalAnswers: () => Promise<boolean>;
  /** Public keys of our tokens as JWKs. */
  readonly publicKeys: readonly JsonObject[];
  /** Pages and what Slack sends, as far as channels are set up. */
  readonly pages: readonly PageRoute[];
  /** Host names under which each listener may be addressed, without ports. */
  readonly hostNames: Readonly<Record<Listener, readonly string[]>>;
}
