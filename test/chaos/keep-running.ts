import { setTimeout as sleep } from 'node:timers/promises';
import { startTestProcess, type TestProcess } from '../helpers/processes';

export interface Kept {
  kill(): void;
  /** Whether it is at work. */
  isReady(): boolean;
  /** How often it died. */
  deaths(): number;
  stop(): Promise<void>;
}

/** Keeps a worker or a gateway running, as a supervisor does, with the same faults after each death: each of them strikes once. */
export function keepRunning(name: 'worker' | 'gateway', settings: Readonly<Record<string, string>>, faults = ''): Kept {
  let current: TestProcess = startTestProcess(name, { ...settings, COUNTERSIGN_FAULTS: faults });
  let stopping = false;
  let deaths = 0;
  const watch = async (): Promise<void> => {
    for (;;) {
      await current.ended;
      if (stopping) return;
      deaths += 1;
      // As long as a supervisor takes, and a process that cannot start does not eat the machine.
      await sleep(100);
      // Stopped meanwhile: nobody would stop what is started now.
      if (stopping) return;
      current = startTestProcess(name, { ...settings, COUNTERSIGN_FAULTS: faults });
    }
  };
  const watching = watch();
  return {
    kill: () => current.kill('SIGKILL'),
    isReady: () => current.isReady(),
    deaths: () => deaths,
    stop: async () => {
      stopping = true;
      await current.stop();
      await watching;
    },
  };
}
