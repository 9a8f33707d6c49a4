/** `size` positions of a log of `head`, one at random from each of as many equal parts. */
export function samplePositions(head: number, size: number, random: () => number = Math.random): readonly number[] {
  const part = head / size;
  return Array.from({ length: size }, (_, index) => Math.floor((index + random()) * part) + 1);
}
