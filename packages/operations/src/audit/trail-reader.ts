import type { AuditFilter, AuditTrail, TrailPage } from '@kiroku/core';

/** Later than every time. */
const unknownYet = '~';

/** Reads one trail from a place back, a page at a time and no further than it is asked to. */
export class TrailReader<Entry> {
  readonly #trail: AuditTrail<Entry>;
  readonly #filter: AuditFilter;
  #page: TrailPage<Entry> | undefined;
  #taken = 0;
  #before: number | undefined;
  looked = 0;

  constructor(trail: AuditTrail<Entry>, filter: AuditFilter, before: number | undefined) {
    this.#trail = trail;
    this.#filter = filter;
    this.#before = before;
  }

  /** Has it looked at all? */
  get begun(): boolean {
    return this.#page !== undefined;
  }

  /** The time of the entry that comes next, or one that it cannot be after; `undefined`: there is none. */
  get top(): string | undefined {
    if (this.#page === undefined) return unknownYet;
    const waiting = this.#page.entries[this.#taken];
    if (waiting !== undefined) return waiting.at;
    return this.#page.next === undefined ? undefined : (this.#page.reached ?? unknownYet);
  }

  /** The next entry, if it is known without reading on. */
  take(): Entry | undefined {
    const next = this.#page?.entries[this.#taken];
    if (next === undefined) return undefined;
    this.#taken += 1;
    this.#before = next.place;
    return next.entry;
  }

  async readOn(): Promise<void> {
    const before = this.#page === undefined ? this.#before : this.#page.next;
    this.#page = await this.#trail.page(this.#filter, before);
    this.#taken = 0;
    this.looked += this.#page.looked;
  }

  /** Before which place a later reading goes on. */
  get place(): number {
    if (this.#page === undefined) return this.#before ?? Number.MAX_SAFE_INTEGER;
    const waiting = this.#page.entries[this.#taken];
    return waiting === undefined ? (this.#page.next ?? 0) : waiting.place + 1;
  }
}
