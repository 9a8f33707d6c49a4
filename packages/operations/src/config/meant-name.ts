import { closest, distance } from 'fastest-levenshtein';

/** Names that are told at most. */
const most = 20;

/** After a name that is none of these: the one that was probably meant, or else those there are. */
export function meantName(given: string, names: readonly string[]): string {
  const known = [...new Set(names)];
  const near = nearest(given.toLowerCase(), known);
  if (near !== undefined) return `Did you mean "${near}"?`;
  const more = known.length > most ? `, and ${known.length - most} more` : '';
  return `There are: ${known.slice(0, most).join(', ') || 'none'}${more}.`;
}

/** The only one that begins so, or one that differs by at most half of the letters. */
function nearest(given: string, names: readonly string[]): string | undefined {
  const begun = given === '' ? [] : names.filter((name) => name.toLowerCase().startsWith(given));
  if (begun.length === 1) return begun[0];
  if (names.length === 0) return undefined;
  const small = names.map((name) => name.toLowerCase());
  const near = closest(given, small);
  return distance(given, near) <= Math.max(2, Math.floor(given.length / 2)) && distance(given, near) < given.length
    ? names[small.indexOf(near)]
    : undefined;
}
