import { categoryOf, type LogFilter, type RecordedEvent } from '@kiroku/core';

/** Makes the test whether a consumer gets an event: as reading the log with the filter does. */
export function chosenBy({ types, categories, tags }: LogFilter): (event: RecordedEvent) => boolean {
  const [wantedTypes, wantedCategories] = [types && new Set(types), categories && new Set(categories)];
  return (event) =>
    (wantedTypes === undefined || wantedTypes.has(event.type)) &&
    (wantedCategories === undefined || wantedCategories.has(categoryOf(event.stream))) &&
    (tags === undefined || tags.every((tag) => event.tags.includes(tag)));
}

/** The types that any of the filters chooses; `undefined`: any. */
export function typesOf(filters: readonly LogFilter[]): readonly string[] | undefined {
  const each = filters.map(({ types }) => types);
  return each.includes(undefined) ? undefined : [...new Set(each.flatMap((types) => types ?? []))].sort();
}
