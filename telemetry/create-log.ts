import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * The log of a process: one JSON object a line. It never sees bodies, parameters or headers; and of an error it keeps name, code and frames alone,
 * for messages of drivers and parsers quote the values that they choke on. Only the operating system's own messages are kept.
 */
export function createLog(destination?: DestinationStream): Logger {
  const options = { base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: describe } };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const MAX_CAUSES = 5;

function describe(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code, syscall } = error as NodeJS.ErrnoException;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...(code !== undefined && { code }),
    ...(syscall !== undefined && { message: error.message }),
    frames: frames.map((line) => line.trim()),
    ...(error.cause !== undefined && depth < MAX_CAUSES && { cause: describe(error.cause, depth + 1) }),
  };
}
