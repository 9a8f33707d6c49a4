import type { Next } from './lines.ts';
import type { PassesOver } from './passed-over.ts';
import { nextWith } from './sought-text.ts';

/** What is known of the bytes of lines that are wanted. */
export interface WantedBytes {
  /** Each has one of them. */
  readonly patterns: readonly Buffer[] | undefined;
  readonly passesOver: PassesOver | undefined;
}

const lineFeed = 0x0a;

/** Where in a block the next line is that may be wanted; `undefined` if each may. */
export function nextOf(bytes: Buffer, { patterns, passesOver }: WantedBytes): Next | undefined {
  const found = patterns && nextWith(bytes, patterns);
  if (passesOver === undefined) return found;
  return (from) => {
    for (let at = from; ; ) {
      const hit = found === undefined ? at : found(at);
      if (hit < 0) return -1;
      const start = hit <= at ? at : Math.max(at, bytes.lastIndexOf(lineFeed, hit - 1) + 1);
      if (!passesOver(bytes, start)) return hit;
      const end = bytes.indexOf(lineFeed, hit);
      if (end < 0) return -1;
      at = end + 1;
    }
  };
}
