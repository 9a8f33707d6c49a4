import { formatDuration } from './duration.ts';
import { printable } from './printable.ts';

/** One line on stderr that says what is waited for, and for how long; nothing if that is no terminal. */
export interface WaitingLine extends Disposable {
  /** From now on this is waited for. */
  readonly show: (what: string) => void;
  /** Takes it away, for a line that stays. */
  readonly clear: () => void;
}

const toldAfterMs = 1_000;

/** `using waiting = waitingLine()`, then `waiting.show('read-models, 11 of 17')`. */
export function waitingLine(stream: NodeJS.WriteStream = process.stderr, now: () => number = () => performance.now()): WaitingLine {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined, [Symbol.dispose]: () => undefined };
  let line: { readonly what: string; readonly since: number } | undefined;
  const clear = () => void stream.write('\r\u001b[K');
  const draw = () => {
    if (line === undefined) return;
    const waited = now() - line.since;
    stream.write(`\r\u001b[K${printable(line.what)} …${waited < toldAfterMs ? '' : ` ${formatDuration(waited)}`}`);
  };
  const timer = setInterval(draw, toldAfterMs).unref();
  return {
    show: (what) => {
      line = { what, since: now() };
      draw();
    },
    clear,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      line = undefined;
      clear();
    },
  };
}
