const firstDelayMs = 250;
const longestDelayMs = 30_000;
/** A process that ran this long is taken to have started well: its next end begins a new count. */
export const steadyAfterMs = 60_000;

/** How long to wait before starting a process again that ended `endings` times in a row (from 1), milliseconds. Doubles up to half a minute. */
export function restartDelay(endings: number): number {
  return Math.min(firstDelayMs * 2 ** (endings - 1), longestDelayMs);
}

/** Endings in a row, with the one that just happened. */
export function countEndings(before: number, ranForMs: number): number {
  return ranForMs >= steadyAfterMs ? 1 : before + 1;
}
