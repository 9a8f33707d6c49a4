import type { Tally } from './tally.ts';

const everyMs = 1_000;

/** Shows, once a second, on one line that is written over, what goes on. Only on a terminal. */
export class LiveLine implements Disposable {
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #terminal: NodeJS.WriteStream;

  constructor(tally: Tally, terminal: NodeJS.WriteStream) {
    this.#terminal = terminal;
    if (!terminal.isTTY) return;
    const start = performance.now();
    this.#timer = setInterval(() => {
      const seconds = Math.round((performance.now() - start) / 1_000);
      terminal.write(`\r\u001B[K${formatLiveLine(seconds, tally.recent())}`);
    }, everyMs);
  }

  [Symbol.dispose](): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#terminal.write('\r\u001B[K');
  }
}

export function formatLiveLine(seconds: number, recent: ReturnType<Tally['recent']>): string {
  const { answered, p99, orders, errors } = recent;
  return `${seconds} s   ${answered} answered/s   p99 ${p99.toFixed(0)} ms   ${orders} orders   ${errors} errors`;
}
