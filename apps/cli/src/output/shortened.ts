/** A text of any length in one cell of a table: one long one would widen every row. */
export function shortened(text: string, most: number): string {
  const lines = text.split('\n').map((line) => line.trim());
  const line = lines.filter((each) => each !== '').join(' ');
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
