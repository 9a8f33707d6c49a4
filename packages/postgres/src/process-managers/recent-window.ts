const recentMs = 120_000;
const everMs = 100 * 365 * 86_400_000;
const fullLookEveryMs = 60_000;

/** One look for what is due. */
interface Look {
  /** Milliseconds back from now at which it begins. */
  readonly sinceMs: number;
  /** Nothing that is due was left behind. */
  foundAll(): void;
}

/**
 * How far back to look for what is due. Rows that were taken leave dead ones behind for as long as anybody holds a snapshot (pg_dump, an idle
 * transaction): looks begin shortly before now and only now and then, or while there is a backlog, at the beginning.
 */
export class RecentWindow {
  #nothingOlder = Number.NEGATIVE_INFINITY;

  next(): Look {
    const now = performance.now();
    const full = now - this.#nothingOlder >= fullLookEveryMs;
    return {
      sinceMs: full ? everMs : recentMs,
      foundAll: () => {
        if (full) this.#nothingOlder = now;
      },
    };
  }
}
