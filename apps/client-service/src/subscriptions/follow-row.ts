import { isDeepStrictEqual } from 'node:util';

/**
 * Values of something as it changes: the present one, then each that differs from the one before.
 * `looks` says when to look, and the position that must be in what is read.
 */
export async function* followRow<T>(looks: AsyncIterable<number>, read: (position: number) => Promise<T>): AsyncGenerator<T> {
  let last: { readonly value: T } | undefined;
  for await (const position of looks) {
    const value = await read(position);
    if (last !== undefined && isDeepStrictEqual(last.value, value)) continue;
    last = { value };
    yield value;
  }
}
