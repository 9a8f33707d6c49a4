/** Text of an application's error may hold what PostgreSQL's text cannot: NUL and halves of surrogate pairs. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\u{fffd}');
}
