import { type Pool } from 'pg';
import { measureOperations } from '../db/measure-operations';
import { type Reading } from '../telemetry/create-gateway-metrics';
import { GAUGES, type GaugeName } from '../telemetry/metrics';
import { countPollers } from '../temporal/count-pollers';
import { type TemporalClient } from '../temporal/connect';

interface Sources {
  readonly pool: Pool;
  readonly client: TemporalClient;
  /** Version of the bundle that this process holds. */
  readonly bundleVersion: number;
}

/** What is so at this moment. Who does not answer has no values, and is said to be away. */
export function createReadGauges({ pool, client, bundleVersion }: Sources): () => Promise<readonly Reading[]> {
  return async () => {
    const [measured, polled] = await Promise.allSettled([measureOperations(pool), countPollers(client)]);
    const one = (gauge: GaugeName, value: number): Reading => ({ gauge, label: '', value });
    const up = ({ status }: PromiseSettledResult<unknown>): number => (status === 'fulfilled' ? 1 : 0);
    return [
      one('countersign_bundle_loaded_version', bundleVersion),
      one('countersign_database_up', up(measured)),
      one('countersign_temporal_up', up(polled)),
      ...(measured.status === 'fulfilled' ? measured.value.map(readingOf) : []),
      ...(polled.status === 'fulfilled' ? Object.entries(polled.value) : []).map(([label, value]): Reading => ({
        gauge: 'countersign_pollers',
        label,
        value,
      })),
    ];
  };
}

function readingOf({ measure, label, value }: { measure: string; label: string; value: number }): Reading {
  const gauge = `countersign_${measure}`;
  if (!(gauge in GAUGES)) throw new Error(`${gauge} is measured, but no metric`);
  return { gauge: gauge as GaugeName, label, value };
}
