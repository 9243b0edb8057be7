import { type Evidence } from './evidence';

/** I4: asked of the targets themselves, with the very tokens. */
export function boundedGrants({ liveTokens }: Evidence): readonly string[] {
  return liveTokens.map((token) => `I4 the target still accepts ${token}`);
}
