import { type Probe } from './probe-program';

/** What we need to know of a program to find it, to judge it and to build it. */
export interface Tool {
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly variable: string;
  readonly version: string;
  /** What `go install` takes. */
  readonly module: string;
  /** Parts of it that we do not need are left out by these. */
  readonly tags?: string;
  /** How long that takes on two cores, for people who wait. */
  readonly buildTakes: string;
  readonly probe: Probe;
}

export type ToolName = 'temporal' | 'opa' | 'prometheus' | 'promtool';

export const tools: Readonly<Record<ToolName, Tool>> = {
  temporal: {
    name: 'temporal',
    title: 'the Temporal CLI',
    variable: 'COUNTERSIGN_TEMPORAL',
    // The newest that `go install` builds: later ones have replace directives in their go.mod.
    version: '1.5.1',
    module: 'github.com/temporalio/cli/cmd/temporal@v1.5.1',
    buildTakes: 'about four minutes',
    probe: {
      args: ['server', 'start-dev', '--help'],
      accepts: (help) =>
        ['--dynamic-config-value', '--search-attribute', '--ui-codec-endpoint'].every((flag) => help.includes(flag)),
      otherwise: 'it is too old, its `server start-dev` lacks flags that we need',
    },
  },
  opa: {
    name: 'opa',
    title: 'Open Policy Agent (opa)',
    variable: 'COUNTERSIGN_OPA',
    version: '1.22.0',
    module: 'github.com/open-policy-agent/opa@v1.22.0',
    buildTakes: 'about 75 seconds',
    probe: {
      args: ['version'],
      accepts: (answer) => /^Version: 1\./m.test(answer) && /^WebAssembly: /m.test(answer),
      otherwise: 'it is not a 1.x version, and ours are written in Rego 1',
    },
  },
  // For the tests of alerts and dashboards alone.
  prometheus: {
    name: 'prometheus',
    title: 'Prometheus',
    variable: 'COUNTERSIGN_PROMETHEUS',
    version: '0.316.0', // as Go counts it: 3.16
    module: 'github.com/prometheus/prometheus/cmd/prometheus@v0.316.0',
    tags: 'remove_all_sd',
    buildTakes: 'about four minutes',
    probe: {
      args: ['--help'],
      accepts: (help) => help.includes('--web.listen-address'),
      otherwise: 'it lacks flags that we need',
    },
  },
  // For the tests of alerts alone: minutes of Prometheus' time pass in a moment in it.
  promtool: {
    name: 'promtool',
    title: 'promtool',
    variable: 'COUNTERSIGN_PROMTOOL',
    version: '0.316.0',
    module: 'github.com/prometheus/prometheus/cmd/promtool@v0.316.0',
    tags: 'remove_all_sd',
    buildTakes: 'about two minutes after Prometheus was built',
    probe: {
      args: ['--help'],
      accepts: (help) => /^\s*test rules /m.test(help),
      otherwise: 'it does not test rules',
    },
  },
};
