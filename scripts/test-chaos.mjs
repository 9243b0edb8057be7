/**
 * `npm run test:chaos`: everything in test/chaos/. With `--minutes <n>` or `--seed <n>` only the random run, for that long and with that seed.
 * Names of files are Jest's: `npm run test:chaos -- kill-points`. What the random run found is the last line, as JSON.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' } },
  allowPositionals: true,
});
for (const [name, value] of Object.entries(values)) {
  if (Number.isFinite(Number(value)) && Number(value) > 0) continue;
  process.stderr.write(`--${name} takes a number above 0.\n`);
  process.exit(2);
}

const directory = mkdtempSync(join(tmpdir(), 'countersign-chaos-'));
const found = join(directory, 'random-run.json');
const random = values.minutes !== undefined || values.seed !== undefined;
const { status } = spawnSync(
  process.execPath,
  [
    createRequire(import.meta.url).resolve('jest/bin/jest'),
    ...['--config', 'test/chaos/jest.config.js'],
    ...(random ? ['random-run', ...positionals] : positionals),
  ],
  {
    stdio: ['ignore', 2, 2],
    env: {
      ...process.env,
      CHAOS_RESULT: found,
      ...(values.minutes !== undefined && { CHAOS_MINUTES: values.minutes }),
      ...(values.seed !== undefined && { CHAOS_SEED: values.seed }),
    },
  },
);
if (existsSync(found)) process.stdout.write(readFileSync(found, 'utf8'));
rmSync(directory, { recursive: true, force: true });
process.exitCode = status ?? 1;
