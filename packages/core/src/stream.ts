import { KirokuError } from './errors.ts';

/** `category-id`, e.g. `order-0193…`. The category is everything before the first hyphen. */
export type StreamName = `${string}-${string}`;

const category = /[a-zA-Z][a-zA-Z0-9_]{0,62}/;
const lone = new RegExp(`^${category.source}$`);
const shape = new RegExp(`^${category.source}-[^\\s\\p{Cc}]{1,190}$`, 'u');

/** Builds a stream name. Throws `EventInvalid` for a category or id that cannot be part of one. */
export function streamName(category: string, id: string): StreamName {
  return parseStreamName(`${category}-${id}`);
}

/** Checks a string from outside. Throws `EventInvalid` if it is no stream name. */
export function parseStreamName(text: string): StreamName {
  if (!shape.test(text)) {
    throw new KirokuError(
      'EventInvalid',
      `"${text.slice(0, 80)}" is not a stream name. Use category-id: a category of letters, digits and _, a hyphen, and an id of 1 to 190 characters without spaces.`,
    );
  }
  return text as StreamName; // the pattern has just been checked
}

/** Could streams have this category? */
export function isCategory(text: string): boolean {
  return lone.test(text);
}

/** What comes before the first hyphen: `order` of `order-7`. */
export function categoryOf(stream: StreamName): string {
  return stream.slice(0, stream.indexOf('-'));
}

/** What comes after the first hyphen: `7` of `order-7`. */
export function idOf(stream: StreamName): string {
  return stream.slice(stream.indexOf('-') + 1);
}
