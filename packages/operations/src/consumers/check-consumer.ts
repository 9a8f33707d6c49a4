import { type Application, appendLimits, type DeliveryTerms, jsonFault, KirokuError, type LogFilter } from '@kiroku/core';
import { categoriesOf, eventTypesOf, undeclaredName } from '../events-tail/undeclared.ts';

/** Where a consumer starts: with the first event, with what comes now, or with what follows a position. */
export type ConsumerStart = 'beginning' | 'now' | number;

/** A consumer that is to be registered. */
export interface ConsumerOrder {
  readonly name: string;
  readonly url: string;
  /** What it gets. Default: everything. */
  readonly types?: readonly string[];
  readonly categories?: readonly string[];
  /** Events that have all of these. */
  readonly tags?: readonly string[];
  /** Default: now. */
  readonly from?: ConsumerStart;
  /** Sends personal fields readable. Default false. */
  readonly reveal?: boolean;
  readonly terms?: Partial<DeliveryTerms>;
}

const defaultTerms: DeliveryTerms = { timeoutMs: 10_000, concurrency: 8, maxAttempts: 50, maxAgeSeconds: 259_200 };

const bounds: { readonly [Term in keyof DeliveryTerms]: readonly [least: number, most: number] } = {
  timeoutMs: [100, 120_000],
  concurrency: [1, 64],
  maxAttempts: [1, 1_000],
  maxAgeSeconds: [1, 31_536_000],
};

/** What of an order becomes the definition. Throws `BadRequest`. */
export function checkConsumer(
  application: Pick<Application, 'aggregates'>,
  { name, url, types, categories, tags, terms: wanted = {} }: ConsumerOrder,
): { readonly url: string; readonly filter: LogFilter; readonly terms: DeliveryTerms } {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) {
    throw invalid(`${JSON.stringify(name)} is no name for a consumer. Use up to 63 lower-case letters, digits and hyphens`);
  }
  const { aggregates } = application;
  requireKnown('event type', types, eventTypesOf(application));
  requireKnown('category', categories, categoriesOf(application));
  requireMeeting(aggregates, types, categories);
  requireTags(tags);
  const filter = { ...chosen('types', types), ...chosen('categories', categories), ...chosen('tags', tags) };
  return { url: checkedUrl(url), filter, terms: checkedTerms({ ...defaultTerms, ...wanted }) };
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw invalid(`${JSON.stringify(text).slice(0, 200)} is no URL to post to. Give one that begins with https:// or http://`);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(
      'The URL has a user or password in it, which lists and logs would show. Receivers know us by the signature; leave it out',
    );
  }
  url.hash = '';
  return url.href;
}

function checkedTerms(terms: DeliveryTerms): DeliveryTerms {
  for (const [term, [least, most]] of Object.entries(bounds)) {
    const value = terms[term as keyof DeliveryTerms]; // a key of the table
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw invalid(`${term} must be a whole number from ${least} to ${most}`);
  }
  return terms;
}

function requireKnown(what: string, given: readonly string[] | undefined, known: readonly string[]): void {
  for (const name of given ?? []) {
    const fault = undeclaredName(what, name, known, ', so nothing would be sent');
    if (fault !== undefined) throw new KirokuError('BadRequest', fault);
  }
}

/** A type of which no chosen category has events would never be sent. */
function requireMeeting(
  aggregates: Application['aggregates'],
  types: readonly string[] | undefined,
  categories: readonly string[] | undefined,
): void {
  if (types === undefined || categories === undefined || categories.length === 0) return;
  for (const type of types) {
    const having = aggregates.filter(({ events }) => type in events).map(({ name }) => name);
    if (having.some((name) => categories.includes(name))) continue;
    throw new KirokuError(
      'BadRequest',
      `${type} is an event of ${having.join(', ')}, not of ${categories.join(', ')}, so nothing would be sent of it.`,
    );
  }
}

function requireTags(tags: readonly string[] = []): void {
  if (new Set(tags).size > appendLimits.tags) throw invalid(`No event has more than ${appendLimits.tags} tags, so nothing would be sent`);
  for (const tag of tags) {
    if (tag.length > 0 && tag.length <= appendLimits.tagLength && jsonFault(tag) === undefined) continue;
    throw invalid(`${JSON.stringify(tag).slice(0, 100)} is no tag. A tag has 1 to ${appendLimits.tagLength} well-formed characters`);
  }
}

function chosen<Key extends keyof LogFilter>(key: Key, values: readonly string[] | undefined): LogFilter {
  return values === undefined || values.length === 0 ? {} : { [key]: [...new Set(values)] };
}

function invalid(what: string): KirokuError {
  return new KirokuError('BadRequest', `${what}.`);
}
