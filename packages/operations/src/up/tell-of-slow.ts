/** What several waits lead to; those that take long are told of, once: somebody sits before it and wonders. */
export async function tellOfSlow<Name extends string, Result>(
  waits: ReadonlyMap<Name, Promise<Result>>,
  { afterMs, tell }: { readonly afterMs: number; readonly tell: (names: readonly Name[]) => void },
): Promise<readonly Result[]> {
  const waiting = new Set(waits.keys());
  const timer = setTimeout(() => waiting.size > 0 && tell([...waiting]), afterMs);
  try {
    return await Promise.all([...waits].map(([name, wait]) => wait.finally(() => waiting.delete(name))));
  } finally {
    clearTimeout(timer);
  }
}
