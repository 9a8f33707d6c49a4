/** Bundles the programs that have changed since the last build. */
export function bundle(): Promise<void>;

/** The same, and what else tests start. */
export function bundleForTests(): Promise<void>;
