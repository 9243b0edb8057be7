import { basename } from 'node:path';

/** What carries transactions and appends through, on behalf of somebody else. */
const CARRIERS =
  /[/\\](test[/\\](faults|helpers)[/\\].*|db[/\\](with-tenant|transactions-of|in-transaction|read-as-tenant)|telemetry[/\\].*|worker[/\\](main|count-recorded)|gateway[/\\]main)\.[jt]s$/;

/**
 * Names a transaction after the function that opened it: `recordEnd` where the file is named after that function, `preflight.begin` where it is
 * another one of the file. To be called before anything is awaited. `siteName` says the same of the sources.
 */
export function callerName(): string {
  for (const site of callSites()) {
    const file = site.getFileName();
    if (file == null || file.startsWith('node:') || CARRIERS.test(file)) continue;
    return siteName(file, site.getFunctionName() ?? '');
  }
  throw new Error('a transaction that nobody opened');
}

/** As the engine sees them: whoever maps them to the sources guesses other names. */
function callSites(): readonly NodeJS.CallSite[] {
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, sites) => sites;
  try {
    return new Error().stack as unknown as readonly NodeJS.CallSite[];
  } finally {
    Error.prepareStackTrace = prepare;
  }
}

/** @param functionName empty for a function without a name */
export function siteName(file: string, functionName: string): string {
  const verb = basename(file)
    .replace(/\.[jt]s$/, '')
    .replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return /^\w+$/.test(functionName) && functionName !== verb ? `${verb}.${functionName}` : verb;
}
