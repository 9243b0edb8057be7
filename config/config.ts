import { type ClientConnectConfig } from '@temporalio/envconfig';

export type Mode = 'development' | 'production';

/** What a worker does: order what happens, touch targets, or both in one process. */
export type WorkerRole = 'workflows' | 'effects' | 'both';

/** Connection strings, one for each role in Postgres. A process holds only those that it was given. */
export interface DatabaseUrls {
  /** Makes the roles, and nothing else. */
  readonly superuser?: string;
  /** Owner of everything, from DATABASE_URL. Absent: the embedded server is used. */
  readonly owner?: string;
  readonly gateway?: string;
  readonly worker?: string;
  readonly loops?: string;
  readonly auditor?: string;
}

export interface TemporalSettings {
  /** From TEMPORAL_ADDRESS or a profile. Absent: the embedded development server is used. */
  readonly address?: string;
  readonly namespace: string;
  /** Address, TLS, API key and metadata, as the SDK's connections take them. */
  readonly connection: ClientConnectConfig['connectionOptions'];
}

/** Where programs that are not npm packages come from. */
export interface ToolSettings {
  /** Programs to use instead of looking for them. */
  readonly temporal?: string;
  readonly opa?: string;
  readonly prometheus?: string;
  readonly promtool?: string;
  /** The directories of PATH. */
  readonly searchPath: readonly string[];
  /** Directory of the programs that Countersign built for itself, shared by all its checkouts. */
  readonly cache: string;
  /** Where Go itself is fetched from if there is none; absent: nowhere. */
  readonly moduleProxy?: string;
}

/** One workspace, which one tenant's people are asked in. */
export interface SlackSettings {
  readonly botToken: string;
  /** Those that Slack signs with: two while one is being replaced. */
  readonly signingSecrets: readonly string[];
  /** Ids, never names: names change. */
  readonly channel: string;
  readonly team: string;
  readonly tenant: string;
  /** Another address of Slack's Web API: that of a double. */
  readonly apiUrl?: string;
}

/** Where mail is handed in, and whose name is on it. */
export interface MailSettings {
  readonly url: string;
  readonly from: string;
}

/** Everything that the environment decides, validated and frozen. Paths are absolute. */
export interface Config {
  readonly mode: Mode;
  /** Directory that holds all state of the embedded stack. */
  readonly home: string;
  /** Port of the gateway; 0 takes any free one. */
  readonly port: number;
  /** Where operators reach the gateway. Without a `url` it listens to them on this machine alone; `port` 0 takes any free one. */
  readonly admin: { readonly port: number; readonly url?: string };
  /** Where a gateway answers probes and tells its metrics, and nothing else. Absent: on its two other ports. */
  readonly metricsPort?: number;
  /** Where a worker answers probes and tells its metrics. Absent: it does neither. */
  readonly workerPort?: number;
  /** Where traces are sent by OTLP over HTTP. Absent: there are none. */
  readonly tracesUrl?: string;
  /** What whoever reads metrics has to send as a bearer token. */
  readonly metricsToken?: string;
  /** Directory of policy documents and Rego packs. */
  readonly policies: string;
  /** Directory of private keys. */
  readonly keys: string;
  /** The signed bundle that a gateway or a worker loads. */
  readonly bundle?: string;
  /** Where people and targets reach the gateway; without a slash at the end. */
  readonly publicUrl?: string;
  readonly database: DatabaseUrls;
  readonly temporal: TemporalSettings;
  /** Addresses of targets by target id; they override the `address` of the target's document. */
  readonly targets: Readonly<Record<string, string>>;
  /** Secrets that targets refer to, by name; those that are files are not among them (`secretOf`). */
  readonly secrets: Readonly<Record<string, string>>;
  readonly slack?: SlackSettings;
  readonly mail?: MailSettings;
  readonly workerRole: WorkerRole;
  /** Names the code that a worker runs, in a fleet where several releases run beside each other. Absent: there is one release. */
  readonly buildId?: string;
  /** What the command line speaks to, and as whom. */
  readonly client: { readonly url?: string; readonly token?: string };
  readonly tools: ToolSettings;
}
