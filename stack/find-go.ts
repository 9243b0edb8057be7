import { arch, platform } from 'node:process';
import { join } from 'node:path';
import { type ToolSettings } from '../config/config';
import { fetchGo } from './fetch-go';
import { type Probe, firstUsable, isProgram } from './probe-program';
import { type Report } from './report';

/** A Go to build with, and what it must find in its environment. */
export interface Go {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A release of Go as its module proxy serves it. */
export interface Toolchain {
  readonly version: string;
  /** SHA-256 of the archive for each platform that it is fetched for, named `<os>-<architecture>` as Node does. */
  readonly archives: Readonly<Record<string, string>>;
}

/**
 * Whoever doubts the sums asks Go: `go mod download golang.org/toolchain@v0.0.1-go1.26.11.linux-amd64` fetches the same archive, and holds it
 * against Go's checksum database.
 */
const pinned: Toolchain = {
  version: '1.26.11',
  archives: {
    'linux-x64': 'e1edb778de0aa08c8e827f5a873b35a46afe680fb241482c531725b2355e470d',
    'linux-arm64': '51902dab7e130b07083119a36ce09e0cc50fdd9d0d64184c24bd302072ad8b70',
    'darwin-x64': '238ef7bbe904b368edb981d78c233cfdf1747c02483d01319f5755186b2c1c03',
    'darwin-arm64': '776232345ce5f4113adf4109cfa0a11f6a221ac6650e5d85b82f492402d321ba',
  },
};

/** From 1.21 on, Go fetches by itself whatever newer release the sources ask for. */
const probe: Probe = {
  args: ['version'],
  accepts: (answer) => /^go version go1\.(2[1-9]|[3-9]\d)\b/.test(answer),
  otherwise: 'it is older than Go 1.21',
};

/** The Go on PATH, else the one that was fetched before, else a pinned release, fetched now. None where there is neither network nor Go. */
export async function findGo(
  { searchPath, cache, moduleProxy }: ToolSettings,
  report: Report,
  { version, archives }: Toolchain = pinned,
): Promise<Go | undefined> {
  const own = firstUsable('go', probe, { directories: searchPath, report });
  if (own !== undefined) return { program: own, environment: {} };

  const home = join(cache, `go-${version}`);
  const fetched: Go = { program: join(home, 'bin', 'go'), environment: besides(home) };
  if (isProgram(fetched.program)) return fetched;
  const sha256 = archives[`${platform}-${arch}`];
  if (sha256 === undefined || moduleProxy === undefined) return undefined;
  const name = `v0.0.1-go${version}.${platform}-${arch === 'x64' ? 'amd64' : arch}`;
  const url = `${moduleProxy}/golang.org/toolchain/@v/${name}.zip`;
  const got = await fetchGo({ version, url, sha256, destination: home, report });
  return got ? fetched : undefined;
}

/** Whoever has no Go does not want its gigabytes of sources and half-built packages all over the home directory: they are beside it, and can go with it. */
function besides(home: string): Readonly<Record<string, string>> {
  return {
    GOROOT: home,
    GOPATH: join(home, 'work'),
    GOCACHE: join(home, 'work', 'build'),
    GOFLAGS: '-trimpath -modcacherw',
  };
}
