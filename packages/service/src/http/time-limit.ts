/** Fires after so many milliseconds, as `AbortSignal.timeout` does, also when nobody but `AbortSignal.any` follows it. */
export function timeLimit(ms: number): AbortSignal {
  const signal = AbortSignal.timeout(ms);
  // a signal made of others keeps none of them: without a listener of its own it would be collected as garbage, and never fire
  signal.addEventListener('abort', () => undefined, { once: true });
  return signal;
}
