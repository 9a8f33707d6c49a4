/** A server that hangs, or a wall that lets nothing through, takes a connection and never answers. */
export const connectTimeout = { connectionTimeoutMillis: 10_000 };
