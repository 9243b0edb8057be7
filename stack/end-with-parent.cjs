/**
 * Loaded into the worker and the gateway before their own code (`--require`): when the process that started them is gone, even by kill -9,
 * they stop as if asked to, and are made to if that takes too long. Only the dead could see this timer fire, so it keeps nothing alive.
 */
const STOP_WITHIN_MS = 15_000;

process.once('disconnect', () => {
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
process.channel?.unref();
