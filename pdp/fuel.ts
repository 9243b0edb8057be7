/** Name of the mutable global that `bundle/rego/add-fuel` puts into a policy and the decision point fills. */
export const FUEL_EXPORT = 'countersign_fuel';

/** Part of the key of compiled policies: raise it when `bundle/rego/add-fuel` changes, so that none metered in the old way is used. */
export const FUEL_VERSION = 1;

/** Loops and calls that one decision may make: some 40 ms, a thousand times what a real one takes. */
export const DECISION_FUEL = 8_000_000;

/** For starting an instance and parsing its data, whose size `bundle/files/list-files` bounds. Also what the module starts with. */
export const SETUP_FUEL = 1_000_000_000;
