import { comparePlain } from './compare-plain.ts';
import { alternativesOf } from './compare-values.ts';
import { areDisjoint } from './disjoint.ts';
import { type Compare, describe, type JsonSchema, type Misfit } from './json-schema.ts';
import { type Part, partsOf } from './split-schema.ts';

/**
 * What data of the schema `before` may have and the schema `after` does not let through; empty only if all of it fits. Knows the JSON Schema
 * that zod emits; where it cannot tell, as with a keyword that it does not know and that differs, it says that it does not fit.
 */
export function compareSchemas(before: JsonSchema, after: JsonSchema): readonly Misfit[] {
  // A recursive schema comes back to a pair that is being compared: that fits if everything around it does.
  const open = new Map<JsonSchema, readonly JsonSchema[]>();
  const compare: Compare = (old, present, path) => {
    const partners = open.get(old) ?? [];
    if (typeof old === 'object' && typeof present === 'object' && partners.includes(present)) return [];
    open.set(old, [...partners, present]);
    try {
      return compareParts(partsOf(old, before), partsOf(present, after), { path, compare, before });
    } finally {
      open.set(old, partners);
    }
  };
  return compare(before, after, '');
}

interface Place {
  readonly path: string;
  readonly compare: Compare;
  /** Where references of the schema before lead. */
  readonly before: JsonSchema;
}

/** Each part of the schema after must follow from one part of the schema before. */
function compareParts(old: readonly Part[] | false, present: readonly Part[] | false, place: Place): readonly Misfit[] {
  if (old === false) return [];
  const parts: readonly Part[] = old.length === 0 ? [{ kind: 'plain', schema: {} }] : old;
  if (present === false) return [{ path: place.path, was: parts.map(describePart).join(' and '), is: 'not allowed' }];
  return present.flatMap((part) => closest(parts.map((each) => comparePart(each, part, place))));
}

function comparePart(old: Part, present: Part, place: Place): readonly Misfit[] {
  if (old.kind !== 'plain') return old.branches.flatMap((branch) => compareParts(partsOf(branch, place.before), [present], place));
  if (present.kind === 'plain') return comparePlain(old.schema, present.schema, place.path, place.compare);
  if (present.kind === 'oneOf' && !areDisjoint(present.branches)) {
    return [{ path: place.path, was: describe(old.schema), is: 'exactly one of alternatives that overlap' }];
  }
  return alternativesOf(old.schema).flatMap((each) => closest(present.branches.map((branch) => place.compare(each, branch, place.path))));
}

/** The alternative that comes nearest: the one with the fewest differences. */
function closest(found: readonly (readonly Misfit[])[]): readonly Misfit[] {
  const [first = [], ...others] = found;
  return others.reduce((best, each) => (each.length < best.length ? each : best), first);
}

function describePart(part: Part): string {
  return part.kind === 'plain' ? describe(part.schema) : `${part.branches.map(describe).join(' or ')}`;
}
