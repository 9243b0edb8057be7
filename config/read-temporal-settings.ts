import { loadClientConnectConfig } from '@temporalio/envconfig';
import { type TemporalSettings } from './config';
import { type ConfigProblem } from './config-error';

/**
 * TEMPORAL_*, as every Temporal tool reads them. The user's own temporal.toml counts only where TEMPORAL_PROFILE or TEMPORAL_CONFIG_FILE asks
 * for it: a file that was written for another project must not send `countersign dev` to that project's cluster.
 */
export function readTemporalSettings(env: Readonly<Record<string, string>>): TemporalSettings | ConfigProblem {
  const asksForFile = 'TEMPORAL_PROFILE' in env || 'TEMPORAL_CONFIG_FILE' in env;
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({
      overrideEnvVars: { ...env },
      disableFile: !asksForFile,
    });
    const { address } = connectionOptions;
    return {
      ...(address !== undefined && { address }),
      namespace: namespace ?? 'countersign',
      connection: connectionOptions,
    };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // The SDK's own message may quote a line of the file, and so a key.
    return {
      variable: 'TEMPORAL_*',
      wrong: code === undefined ? 'cannot be read' : `cannot be read (${code})`,
      remedy: 'Check the profile, the configuration file and the paths of the certificates.',
    };
  }
}
