/** Each may be two files to read. */
const most = 64;

/** Does the same with each, some at a time. Answers in their order. */
export async function eachAtOnce<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = [];
  for (let first = 0; first < all.length; first += most)
    for (const result of await Promise.all(all.slice(first, first + most).map(work))) done.push(result);
  return done;
}
