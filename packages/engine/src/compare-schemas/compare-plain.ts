import type { JsonObject } from '@kiroku/core';
import { compareNumbers, compareTexts, misfit } from './compare-bounds.ts';
import { compareLists, compareObjects } from './compare-parts.ts';
import { compareValues, narrowest, typesOf, valuesOf } from './compare-values.ts';
import { type Compare, constraintsOf, isSame, type Misfit } from './json-schema.ts';

const known = new Set(
  (
    'type enum const minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength format pattern contentEncoding ' +
    'contentMediaType properties required additionalProperties propertyNames minProperties maxProperties items prefixItems minItems maxItems ' +
    'uniqueItems'
  ).split(' '),
);

/** Compares two schemas without references and alternatives, keyword by keyword. */
export function comparePlain(before: JsonObject, after: JsonObject, path: string, compare: Compare): readonly Misfit[] {
  const values = compareValues(before, after, path);
  if (values.length > 0) return values;
  const unknown = compareUnknown(before, after, path);
  const listed = valuesOf(before)?.map(narrowest); // each has to keep within the bounds after
  return [...unknown, ...(listed ?? [before]).flatMap((each) => compareTypes(each, after, path, compare))];
}

function compareTypes(before: JsonObject, after: JsonObject, path: string, compare: Compare): readonly Misfit[] {
  const types = typesOf(before);
  const found: Misfit[] = [];
  if (types.includes('number') || types.includes('integer')) found.push(...compareNumbers(before, after, path));
  if (types.includes('string')) found.push(...compareTexts(before, after, path));
  if (types.includes('array')) found.push(...compareLists(before, after, path, compare));
  if (types.includes('object')) found.push(...compareObjects(before, after, path, compare));
  return found;
}

/** What these mean depends on more than they say: the same text may let through less. */
const referring = new Set(['$ref', 'unevaluatedProperties', 'unevaluatedItems']);

/** A keyword nobody here knows must stay as it is. One that refers elsewhere may mean something else though it reads the same. */
function compareUnknown(before: JsonObject, after: JsonObject, path: string): readonly Misfit[] {
  const keywords = new Set([...constraintsOf(before), ...constraintsOf(after)].filter((keyword) => !known.has(keyword)));
  const differs = (keyword: string) =>
    !isSame(before[keyword], after[keyword]) || JSON.stringify(after[keyword])?.includes('"$ref"') || referring.has(keyword);
  return [...keywords].filter(differs).map((keyword) => misfit(before, after, keyword, path));
}
