import type { Application, LogFilter } from '@kiroku/core';
import { meantName } from '../config/meant-name.ts';

type Declared = Pick<Application, 'aggregates'>;

/** What is wrong with a name that is not among those that are known, with the one that was probably meant, or those there are. */
export function undeclaredName(what: string, given: string, known: readonly string[], consequence = ''): string | undefined {
  if (known.includes(given)) return undefined;
  return `The application has no ${what} ${JSON.stringify(given).slice(0, 100)}${consequence}. ${meantName(given, known)}`;
}

export function eventTypesOf({ aggregates }: Declared): readonly string[] {
  return aggregates.flatMap(({ events }) => Object.keys(events));
}

export function commandTypesOf({ aggregates }: Declared): readonly string[] {
  return aggregates.flatMap(({ commands }) => Object.keys(commands));
}

export function categoriesOf({ aggregates }: Declared): readonly string[] {
  return aggregates.map(({ name }) => name);
}

/** What of a filter this code does not declare. No fault by itself: the log may have events of code that is gone. */
export function undeclaredIn(application: Declared, { types = [], categories = [] }: LogFilter): readonly string[] {
  return [
    ...types.map((type) => undeclaredName('event type', type, eventTypesOf(application))),
    ...categories.map((category) => undeclaredName('category', category, categoriesOf(application))),
  ].filter((fault) => fault !== undefined);
}
