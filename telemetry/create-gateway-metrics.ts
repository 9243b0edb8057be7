import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Meter } from './meter';
import { COUNTERS, GAUGES, type GaugeName, HISTOGRAMS } from './metrics';

export interface Reading {
  readonly gauge: GaugeName;
  /** The value of its only label; empty where it has none. */
  readonly label: string;
  readonly value: number;
}

export interface GatewayMetrics extends Meter {
  /** Everything in Prometheus' text format, read anew. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** The metrics of a gateway. `read` gives the gauges at the moment; what it leaves out has no value then. */
export function createGatewayMetrics(read: () => Promise<readonly Reading[]>): GatewayMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const ours = <D extends { readonly from: readonly string[] }>(all: Readonly<Record<string, D>>): [string, D][] =>
    Object.entries(all).filter(([, { from }]) => from.includes('gateway'));

  const counters = new Map(
    ours<(typeof COUNTERS)[keyof typeof COUNTERS]>(COUNTERS).map(([name, { help, labels }]) => [
      name,
      new Counter({ name, help, labelNames: labels, registers }),
    ]),
  );
  const histograms = new Map(
    ours<(typeof HISTOGRAMS)[keyof typeof HISTOGRAMS]>(HISTOGRAMS).map(([name, { help, labels, buckets }]) => [
      name,
      new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers }),
    ]),
  );
  const gauges = new Map(
    Object.entries(GAUGES).map(([name, { help, labels }]) => [
      name,
      new Gauge({ name, help, labelNames: labels, registers }),
    ]),
  );

  return {
    count: (name, labels) => counters.get(name)?.inc(labels),
    observe: (name, labels, seconds) => histograms.get(name)?.observe(labels, seconds),
    contentType: registry.contentType,
    text: async () => {
      const readings = await read();
      for (const gauge of gauges.values()) gauge.reset();
      for (const { gauge, label, value } of readings) {
        const [name] = GAUGES[gauge].labels;
        gauges.get(gauge)?.set(name === undefined ? {} : { [name]: label }, value);
      }
      return await registry.metrics();
    },
  };
}
