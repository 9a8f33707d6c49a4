/**
 * An iteration whose `return` takes effect at once, also while it waits for the next value
 * (an async generator's waits for the pending `next`, so a closed socket would leave it behind).
 */
export function closable<T>(make: (signal: AbortSignal) => AsyncGenerator<T>): AsyncIterableIterator<T> {
  const closing = new AbortController();
  const source = make(closing.signal);
  const ended: IteratorResult<T> = { done: true, value: undefined };
  const closed = new Promise<IteratorResult<T>>((resolve) => {
    closing.signal.addEventListener('abort', () => resolve(ended), { once: true });
  });
  const iterator: AsyncIterableIterator<T> = {
    next: () => Promise.race([source.next(), closed]),
    return: async () => {
      closing.abort();
      return ended;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
