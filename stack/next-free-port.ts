import { freePort } from '../config/free-port';

/** Neighbours to try; whoever has so many of them taken has other troubles. */
const NEIGHBOURS = 20;

/** The wanted port, else the next free one above it, else any; 0 asks for any. */
export async function nextFreePort(wanted: number): Promise<number> {
  if (wanted === 0) return freePort();
  for (let port = wanted; port < Math.min(wanted + NEIGHBOURS, 65_536); port += 1) {
    if ((await freePort(port)) === port) return port;
  }
  return freePort();
}
