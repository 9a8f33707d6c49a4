/** Calls at the same time share one answer, and so do those within `forMs` after it: however often it is asked, the work is not done more often. */
export function sharedLook<T>(look: () => Promise<T>, forMs: number): () => Promise<T> {
  let last: { readonly answer: Promise<T>; until: number } | undefined;
  return () => {
    if (last !== undefined && performance.now() < last.until) return last.answer;
    const current = { answer: look(), until: Number.POSITIVE_INFINITY };
    const lasts = (milliseconds: number) => () => {
      current.until = performance.now() + milliseconds;
    };
    current.answer.then(lasts(forMs), lasts(forMs));
    last = current;
    return current.answer;
  };
}
