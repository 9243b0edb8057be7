import { correlated } from './correlation';
import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * The log of a process: one JSON object a line, with the ids of the work that it belongs to (`correlation.ts`). It never sees bodies, parameters or headers; and of an error it keeps name, code and frames alone,
 * for messages of drivers and parsers quote the values that they choke on. Only messages that cannot are kept: those of the operating system, and
 * those of Postgres that name nothing but parts of the schema.
 */
export function createLog(destination?: DestinationStream): Logger {
  const options = {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describe },
    mixin: correlated,
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const MAX_CAUSES = 5;
/** Connections, constraints, transactions, rights and names, resources. Not 22, data exceptions: «invalid input syntax …: <the value>». */
const SCHEMA_ONLY = /^(08|23|25|40|42|53|55|57)[0-9A-Z]{3}$/;

function describe(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code, syscall } = error as NodeJS.ErrnoException;
  const harmless = syscall !== undefined || SCHEMA_ONLY.test(code ?? '');
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...(code !== undefined && { code }),
    ...(harmless && { message: error.message }),
    frames: frames.map((line) => line.trim()),
    ...(error.cause !== undefined && depth < MAX_CAUSES && { cause: describe(error.cause, depth + 1) }),
  };
}
