/** Whether one ISO 8601 time is before another, to the microsecond, whatever their precision. */
export function isBefore(a: string, b: string): boolean {
  const [first, second] = [Date.parse(a), Date.parse(b)];
  return first === second ? microseconds(a) < microseconds(b) : first < second;
}

/** What `Date` leaves out of it. */
function microseconds(time: string): number {
  return Number((/\.(\d+)/.exec(time)?.[1] ?? '').padEnd(6, '0').slice(3, 6));
}
