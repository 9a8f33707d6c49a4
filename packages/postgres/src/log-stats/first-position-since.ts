/**
 * The first position recorded at or after a time; one more than `head` if there is none. Recorded times never go back, so it halves the log
 * until it is there: some 30 look-ups for a billion events.
 */
export async function firstPositionSince(
  recordedAt: (position: number) => Promise<string | undefined>,
  head: number,
  time: string,
): Promise<number> {
  let low = 1;
  let high = head + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const at = await recordedAt(middle);
    if (at === undefined || Date.parse(at) >= Date.parse(time)) high = middle;
    else low = middle + 1;
  }
  return low;
}
