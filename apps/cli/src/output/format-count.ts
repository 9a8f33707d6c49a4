/** A whole number with its thousands set apart: 12,345. Locales do the same, for 25 ms of CPU when the first is asked. */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
