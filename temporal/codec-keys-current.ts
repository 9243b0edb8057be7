import { type CodecKeys, readCodecKeys } from './codec-keys';

/** Whether the file of the keys still names one that was loaded as the key to encode with: other processes may write with a newer one already. */
export async function codecKeysCurrent(path: string, loaded: CodecKeys): Promise<boolean> {
  const { current } = await readCodecKeys(path);
  return loaded.keys.has(current);
}
