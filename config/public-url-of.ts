import { type Config } from './config';

/** Where people reach the gateway, without a slash at the end: the address set for it, or this machine while developing. */
export function publicUrlOf({ publicUrl, port }: Pick<Config, 'publicUrl' | 'port'>): string {
  return publicUrl ?? `http://127.0.0.1:${String(port)}`;
}
