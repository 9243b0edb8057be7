import { type Config } from '../config/config';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** The names under which this gateway may be addressed: those of this machine while developing, and the one that the world knows. */
export function hostNames({ mode, publicUrl }: Pick<Config, 'mode' | 'publicUrl'>): string[] {
  const known = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  return mode === 'production' ? known : [...LOOPBACK, ...known];
}
