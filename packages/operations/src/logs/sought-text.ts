import type { Next } from './lines.ts';

/** What text is made of that stands in a line as people see it: JSON escapes none of it. */
const plain = /^[A-Za-z0-9_./@ -]$/;
/** What JSON may write of it otherwise. */
const escapes = ['\\u', '\\/'];
const numeric = /^[0-9.eE-]+$/;

/**
 * Texts of which each line that matches has one, whether the line itself matches or what people see of it: that has what is in the line with
 * other things between, never one space alone after it, and of its own only numbers and the words in `adds`. `undefined` if no such text is
 * certain; then all lines have to be looked at.
 */
export function soughtTexts(expression: string, adds: readonly string[]): readonly string[] | undefined {
  if (/[()[\]{}]|\\[A-Za-z0-9]/.test(expression)) return undefined; // it may ask for anything
  const texts = alternativesOf(expression).map((tokens) => longest(runsOf(tokens).flatMap((run) => certain(run, adds))));
  return texts.includes('') ? undefined : [...texts, ...escapes];
}

function alternativesOf(expression: string): readonly (readonly string[])[] {
  const alternatives: string[][] = [[]];
  for (const [token] of expression.matchAll(/\\?./gsu)) {
    if (token === '|') alternatives.push([]);
    else alternatives.at(-1)?.push(token);
  }
  return alternatives;
}

/** Plain characters that follow one another in every match. */
function runsOf(tokens: readonly string[]): readonly string[] {
  const runs = [''];
  for (const token of tokens) {
    const run = runs.at(-1) ?? '';
    const character = token === '\\.' || token === '\\/' ? token.slice(1) : token;
    if (token === '*' || token === '?') runs.splice(-1, 1, run.slice(0, -1), '');
    else if (token !== '.' && plain.test(character)) runs.splice(-1, 1, run + character);
    else runs.push('');
  }
  return runs;
}

/** Without words at the beginning that need not be of the line. */
function certain(run: string, adds: readonly string[]): readonly string[] {
  return run.split(/ {2,}/).map((text) => {
    const words = text.trim().split(' ');
    const first = words.findIndex((word) => !numeric.test(word) && !adds.some((added) => added.includes(word)));
    return first < 0 ? '' : words.slice(first).join(' ');
  });
}

function longest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text.length > best.length ? text : best), '');
}

/** Where in a block the next line is that has one of them. Each is looked for once, however many there are of another. */
export function nextWith(bytes: Buffer, patterns: readonly Buffer[]): Next {
  const places = patterns.map(() => -1);
  return (from) => {
    for (const [index, pattern] of patterns.entries()) {
      if ((places[index] ?? 0) >= from) continue;
      const place = bytes.indexOf(pattern, from);
      places[index] = place < 0 ? Number.POSITIVE_INFINITY : place;
    }
    const nearest = Math.min(...places);
    return Number.isFinite(nearest) ? nearest : -1;
  };
}
