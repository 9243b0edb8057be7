/**
 * Runs a program that knows nothing of us (Postgres, Temporal) so that it ends when we end, even by kill -9: the channel to our process
 * closes, and the program is asked to stop, then made to. Plain JavaScript: it is started by path, from the sources and from dist/ alike.
 */
import { spawn } from 'node:child_process';

const { program, args, stopSignal, stopWithinMs, uid, gid, cwd } = JSON.parse(process.argv[2]);
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], cwd, uid, gid });

function stop() {
  child.kill(stopSignal);
  setTimeout(() => child.kill('SIGKILL'), stopWithinMs).unref();
}

child.once('spawn', () => process.send?.({ pid: child.pid }));
child.once('error', (error) => {
  console.error(error.message);
  process.exit(127);
});
child.once('exit', (code, signal) => process.exit(signal === null ? code : 128));
process.once('disconnect', stop);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
