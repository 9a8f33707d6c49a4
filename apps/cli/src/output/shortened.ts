/** A text of any length in one cell of a table: one long one would widen every row. */
export function shortened(text: string, most: number): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ');
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
