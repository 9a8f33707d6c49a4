import type { AppendTicket, CheckedAppend } from '@kiroku/core';

type Progress = 'pending' | 'appended' | 'refused';

/** What has become of appends that others may follow. */
export class AppendTickets {
  readonly #progress = new WeakMap<AppendTicket, Progress>();

  /** Takes it in. Says whether all that it follows is known: what comes later cannot be followed, so none waits in a circle. */
  take({ ticket, follows }: CheckedAppend): boolean {
    const areKnown = follows.every((each) => this.#progress.has(each));
    if (ticket !== undefined) this.#progress.set(ticket, areKnown ? 'pending' : 'refused');
    return areKnown;
  }

  settle({ ticket }: CheckedAppend, progress: 'appended' | 'refused'): void {
    if (ticket !== undefined) this.#progress.set(ticket, progress);
  }

  /** Whether it may be sent in this batch, when what it follows is sent with it or appended; later, when that is answered; or not at all. */
  turnOf({ follows }: CheckedAppend, batch: { has(ticket: AppendTicket): boolean }): 'now' | 'later' | 'never' {
    if (follows.some((ticket) => this.#progress.get(ticket) === 'refused')) return 'never';
    return follows.every((ticket) => this.#progress.get(ticket) === 'appended' || batch.has(ticket)) ? 'now' : 'later';
  }
}
