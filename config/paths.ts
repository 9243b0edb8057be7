import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The directory of this package: the nearest parent that holds its package.json. Whatever is no TypeScript (migrations, policies, the demo's
 * files) is read from there, so the same code finds it when it runs from the sources and when it runs from dist/.
 */
export function packageRoot(): string {
  let directory = __dirname;
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory)
      throw new Error(`No package.json in ${__dirname} or any directory above it; is the installation complete?`);
    directory = parent;
  }
  return directory;
}
