import type { JsonObject } from '@kiroku/core';
import { isSame, type Misfit } from './json-schema.ts';
import { samplesFit } from './pattern-of-format.ts';

/** What the bounds of numbers let through. */
export function compareNumbers(before: JsonObject, after: JsonObject, path: string): readonly Misfit[] {
  const steps = stepFits(before, after) ? [] : [misfit(before, after, 'multipleOf', path)];
  return [
    ...compareLimit(before, after, { inclusive: 'minimum', exclusive: 'exclusiveMinimum', sign: 1 }, path),
    ...compareLimit(before, after, { inclusive: 'maximum', exclusive: 'exclusiveMaximum', sign: -1 }, path),
    ...steps,
  ];
}

/** What the forms of texts let through. */
export function compareTexts(before: JsonObject, after: JsonObject, path: string): readonly Misfit[] {
  const found = [...compareCounts(before, after, { least: 'minLength', most: 'maxLength' }, path)];
  for (const keyword of ['format', 'pattern', 'contentEncoding', 'contentMediaType']) {
    if (after[keyword] === undefined || isSame(before[keyword], after[keyword])) continue;
    if (keyword === 'pattern' && samplesFit(before, after)) continue;
    found.push(misfit(before, after, keyword, path));
  }
  return found;
}

/** What limits of length or number of parts let through. */
export function compareCounts(
  before: JsonObject,
  after: JsonObject,
  { least, most }: { readonly least: string; readonly most: string },
  path: string,
): readonly Misfit[] {
  const found: Misfit[] = [];
  if (numberOr(before[least], 0) < numberOr(after[least], 0)) found.push(misfit(before, after, least, path));
  if (numberOr(before[most], Number.POSITIVE_INFINITY) > numberOr(after[most], Number.POSITIVE_INFINITY))
    found.push(misfit(before, after, most, path));
  return found;
}

export function misfit(before: JsonObject, after: JsonObject, keyword: string, path: string): Misfit {
  return { path, was: said(before, keyword), is: said(after, keyword) };
}

interface Limit {
  readonly inclusive: string;
  readonly exclusive: string;
  /** 1 for a lower limit, −1 for an upper. */
  readonly sign: 1 | -1;
}

function compareLimit(before: JsonObject, after: JsonObject, limit: Limit, path: string): readonly Misfit[] {
  const found: Misfit[] = [];
  const { inclusive, exclusive, sign } = limit;
  const [open, closed] = [
    sign * numberOr(before[inclusive], -sign * Number.POSITIVE_INFINITY),
    sign * numberOr(before[exclusive], -sign * Number.POSITIVE_INFINITY),
  ];
  const wanted = after[inclusive];
  if (typeof wanted === 'number' && Math.max(open, closed) < sign * wanted) found.push(misfit(before, after, inclusive, path));
  const beyond = after[exclusive];
  if (typeof beyond === 'number' && open <= sign * beyond && closed < sign * beyond) found.push(misfit(before, after, exclusive, path));
  return found;
}

function stepFits(before: JsonObject, after: JsonObject): boolean {
  const step = after.multipleOf;
  if (step === undefined) return true;
  if (step === 1 && before.type === 'integer') return true;
  const old = before.multipleOf;
  return (
    typeof step === 'number' &&
    typeof old === 'number' &&
    (old === step || (Number.isInteger(step) && Number.isInteger(old) && old % step === 0))
  );
}

function said(schema: JsonObject, keyword: string): string {
  const value = schema[keyword];
  if (value === undefined) return `no ${keyword}`;
  const text = `${keyword} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
