/** Bundles the programs that have changed since the last build. */
export function bundle(): Promise<void>;
