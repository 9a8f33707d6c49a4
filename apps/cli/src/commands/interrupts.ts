const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
// `npm start` passes a Ctrl-C on that the terminal has already sent us: the second of a pair is not impatience
const pairMs = 1_000;

/** Calls `stop` at the first Ctrl-C (or SIGTERM, or closed terminal), `force` at one that comes a second later or more. Returns how to let go. */
export function onInterrupt(handlers: { readonly stop: () => void; readonly force: () => void }): () => void {
  let firstAt: number | undefined;
  const listener = () => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      handlers.stop();
    } else if (now - firstAt >= pairMs) handlers.force();
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
