import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMailSender } from '../channels/email/create-mail-sender';
import { type Config } from '../config/config';
import { everyPem, publicKeysOf } from '../config/public-keys-of';
import { readConfig } from '../config/read-config';
import { refuseInProduction } from '../config/refuse-in-production';
import { required } from '../config/required';
import { bundleStanding } from '../db/bundle-standing';
import { keepUsingPayloadKey } from '../db/keep-using-payload-key';
import { createLedger } from '../db/ledger';
import { createPool } from '../db/pool';
import { productionProblemsOf } from '../db/production-problems-of';
import { watchStops } from '../db/stop-watch';
import { loadPdp } from '../pdp/load-pdp';
import { notInForce } from '../pdp/not-in-force';
import { createHttpFactReader } from '../providers/http/create-http-fact-reader';
import { countAppendFailures } from '../telemetry/count-append-failures';
import { createGatewayMetrics } from '../telemetry/create-gateway-metrics';
import { createLog } from '../telemetry/create-log';
import { createScraperCheck } from '../telemetry/create-scraper-check';
import { tracingWhereAsked } from '../telemetry/tracing-where-asked';
import { type CodecKeys, readCodecKeys } from '../temporal/codec-keys';
import { connectClient, type TemporalClient } from '../temporal/connect';
import { createDataConverter } from '../temporal/data-converter';
import { temporalAnswers } from '../temporal/temporal-answers';
import { createAgentBundles } from './agent-bundles';
import { createAgentTurns } from './agent-turns';
import { createBackground } from './background';
import { createGateway } from './create-gateway';
import { createGatewayReadiness } from './create-gateway-readiness';
import { type GatewayDeps } from './deps';
import { hostNames } from './host-names';
import { listen } from './listen';
import { createOutcomeWatch } from './outcome-watch';
import { type PageRoute } from './page-route';
import { approvalPages } from './pages/approval-pages';
import { createReadGauges } from './read-gauges';
import { readAgentTokens } from './read-agent-tokens';
import { readPublicKeys } from './read-public-keys';
import { createStrangerCount } from './stranger-count';
import { createStarter } from './starter';

/*
 * PROCESS: HTTP for agents, people and operators. It takes requests and votes and holds nothing: it may be killed at any moment, and run many
 * times. Temporal may be away; what was taken starts when it is back.
 */

/** Requests in hand are answered within this time; a submission that waits for its first answer is answered «pending». */
const DRAIN_MS = 5_000;
const LOOPBACK = '127.0.0.1';
/** So long probes are told that this process ends before nothing is answered any more: whoever sends requests here asks every few seconds. */
const NOTICE_MS = 5_000;

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog();
  const pool = createPool(required(config.database.gateway, 'DATABASE_URL_GATEWAY'), (err) =>
    log.warn({ err }, 'lost an idle connection'),
  );
  await refuseInProduction(config, () => productionProblemsOf(pool, 'gateway'));
  const codecKeys = await readCodecKeys(join(config.keys, 'codec.json'));
  await keepUsingPayloadKey(pool, codecKeys, (err) => log.warn({ err }, 'it is not noted that a payload key is used'));
  const bundleKeys = publicKeysOf(config.keys, 'bundle');
  const pdp = await loadPdp(required(config.bundle, 'COUNTERSIGN_BUNDLE'), bundleKeys.current);
  const standing = await bundleStanding(pool, pdp.bundle);
  if (standing !== 'active') throw notInForce(standing);
  const facts = createHttpFactReader({
    clock: Date.now,
    allowPrivate: config.mode !== 'production',
    addresses: config.targets,
    privateKeyPem: await readFile(join(config.keys, 'facts.key.pem'), 'utf8'),
  });
  const tracing = await tracingWhereAsked('gateway', config.tracesUrl);
  const client = temporalClient(config, codecKeys);
  const { version: bundleVersion } = pdp.bundle;
  const metrics = createGatewayMetrics(createReadGauges({ pool, client, bundleVersion }));
  const stops = await watchStops(pool, 'gateway', log);
  const parts: Omit<GatewayDeps, 'pages'> = {
    pool,
    ledger: countAppendFailures(createLedger(pool), metrics),
    pdp,
    agentBundles: createAgentBundles(pool, everyPem(bundleKeys)),
    agentTokens: readAgentTokens(config),
    agentTurns: createAgentTurns(),
    facts,
    ...createStarter(client),
    stops,
    watch: createOutcomeWatch(pool),
    background: createBackground(log),
    strangers: createStrangerCount(pool, log, metrics),
    log,
    metrics,
    mayScrape: createScraperCheck(config.metricsToken, config.mode === 'production'),
    readiness: createGatewayReadiness({ pool, bundle: pdp.bundle, keys: config.keys, codecKeys, stops, log }),
    temporalAnswers: async () => await temporalAnswers(client),
    publicKeys: await readPublicKeys(config.keys),
    hostNames: hostNames(config),
  };
  const deps: GatewayDeps = { ...parts, pages: await createPages(parts, config) };
  const { agents, operators, monitoring } = await listenToAll(deps, config);
  log.info(
    { pid: process.pid, port: agents.port, adminPort: operators.port, bundle: pdp.bundle.digest },
    'the gateway takes requests',
  );
  process.send?.({ ready: true, port: agents.port });

  await stopSignal();
  deps.readiness.drain();
  deps.background.end();
  deps.watch.close();
  const times = { withinMs: DRAIN_MS, noticeMs: config.mode === 'production' ? NOTICE_MS : 0 };
  await Promise.all([agents, operators, monitoring].map(async (each) => await each?.close(times)));
  // After the last request: it may have begun something as late as that.
  await deps.background.drain(DRAIN_MS);
  await deps.strangers.flush();
  await stops.close();
  await client.connection.close();
  await tracing?.stop();
  facts.close();
  await pool.end();
  log.info('the gateway has stopped');
}

async function listenToAll(deps: GatewayDeps, { mode, port, admin, metricsPort }: Config) {
  const everywhere = mode === 'production' ? '0.0.0.0' : LOOPBACK;
  return {
    agents: await listen(createGateway(deps, 'agents'), everywhere, port),
    operators: await listen(
      createGateway(deps, 'operators'),
      admin.url === undefined ? LOOPBACK : everywhere,
      admin.port,
    ),
    monitoring:
      metricsPort === undefined ? undefined : await listen(createGateway(deps, 'monitoring'), everywhere, metricsPort),
  };
}

/** What people reach besides the API, by the channels that are set up. */
async function createPages(parts: Omit<GatewayDeps, 'pages'>, config: Config): Promise<readonly PageRoute[]> {
  const { slack, mail } = config;
  const pages: PageRoute[] = [];
  if (slack !== undefined) {
    const { setUpSlack } = await import('./slack/set-up-slack.js');
    pages.push(...setUpSlack(parts, slack, config));
  }
  if (mail !== undefined)
    pages.push(...approvalPages({ ...parts, mail: { send: createMailSender(mail), from: mail.from } }));
  return pages;
}

function temporalClient({ temporal, tracesUrl }: Config, codecKeys: CodecKeys): TemporalClient {
  const dataConverter = createDataConverter({ codecKeys, namespace: temporal.namespace });
  return connectClient({
    namespace: temporal.namespace,
    connection: temporal.connection ?? {},
    dataConverter,
    traced: tracesUrl !== undefined,
  });
}

/** Asked to stop, or left alone: whoever started this process with a channel to it is gone when the channel is. */
async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, () => resolve());
  });
}

main().catch((error: unknown) => {
  createLog().fatal(
    { err: error, reason: error instanceof Error ? error.message : undefined },
    'the gateway ends: it cannot go on',
  );
  process.exit(1);
});
