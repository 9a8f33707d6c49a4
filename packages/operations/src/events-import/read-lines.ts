import { importRefused } from './import-refused.ts';

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

const newline = 0x0a;
const longest = 16_777_216; // no event is as large; a file without line ends must not fill the memory

/** The lines of a text in UTF-8, as it comes in; empty ones are left out. Throws `ImportRefused` for what is no text. */
export async function* readLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Line, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  let number = 0;
  const decode = (bytes: Uint8Array): Line => {
    number += 1;
    try {
      return { number, text: decoder.decode(bytes).trim() };
    } catch {
      throw importRefused(number, 'it is no text in UTF-8');
    }
  };
  for await (const chunk of input) {
    rest = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline, start)) {
      const line = decode(rest.subarray(start, end));
      start = end + 1;
      if (line.text !== '') yield line;
    }
    rest = rest.subarray(start);
    if (rest.length > longest) throw importRefused(number + 1, `it is longer than ${longest} bytes`);
  }
  const last = decode(rest);
  if (last.text !== '') yield last;
}
