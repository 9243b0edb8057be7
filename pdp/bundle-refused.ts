export type BundleRefusal = 'unreadable' | 'format' | 'signature' | 'digest' | 'older' | 'taken' | 'shape' | 'policy';

/** A bundle that must not be used. Whoever has a good one keeps it; whoever has none does not start. */
export class BundleRefused extends Error {
  override readonly name = 'BundleRefused';

  constructor(
    readonly refusal: BundleRefusal,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`The policy bundle is refused: ${message}`, options);
  }
}
