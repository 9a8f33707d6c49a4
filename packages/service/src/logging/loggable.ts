import { isSecretName } from '@kiroku/core';
import { describeError } from './describe-error.ts';

export interface Loggable {
  /** Fields that are never written, at any depth: those that events and commands declare personal. */
  readonly personal: ReadonlySet<string>;
  /** Texts that are never written: the personal values of the command that is being handled. */
  readonly values: readonly string[];
}

const longestText = 8_192;
const mostItems = 100;
const deepest = 8;
/** Values in one line at most, so that a graph of objects is not written as a tree without end. */
const mostValues = 2_000;

/** Fields as they may be logged: without secrets and personal data at any depth, and of bounded size. */
export function loggable(fields: object, options: Loggable): object {
  const walk: Walk = { ...options, left: mostValues };
  return fieldsOf(fields, walk, 0);
}

/** A text as it may be logged. */
export function loggableText(text: string, values: readonly string[]): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}… (cut: it has ${text.length} characters)` : text;
  return values.reduce((result, value) => result.replaceAll(value, '(personal)'), short);
}

interface Walk extends Loggable {
  left: number;
}

function fieldsOf(object: object, walk: Walk, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  let fields = 0;
  for (const name of Object.keys(object)) {
    fields += 1;
    if (fields > mostItems) {
      result['…'] = 'more fields';
      break;
    }
    if (isSecret(name)) result[name] = '***';
    else if (walk.personal.has(name)) result[name] = '(personal)';
    else result[name] = loggableValue(read(object, name), walk, depth + 1);
  }
  return result;
}

function loggableValue(value: unknown, walk: Walk, depth: number): unknown {
  if (typeof value === 'string') return loggableText(value, walk.values);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'object' && value !== null) return objectOf(value, walk, depth);
  return value; // numbers, booleans and null; functions and symbols are not written
}

function objectOf(value: object, walk: Walk, depth: number): unknown {
  walk.left -= 1;
  if (depth > deepest || walk.left < 0) return '…';
  if (Array.isArray(value)) return itemsOf(value, walk, depth);
  if (value instanceof Error) return fieldsOf(describeError(value), walk, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return loggableText(value.href, walk.values);
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  if (value instanceof Map) return itemsOf([...value], walk, depth);
  if (value instanceof Set) return itemsOf([...value], walk, depth);
  return fieldsOf(value, walk, depth);
}

function itemsOf(items: readonly unknown[], walk: Walk, depth: number): unknown[] {
  const shown = items.slice(0, mostItems).map((item) => loggableValue(item, walk, depth + 1));
  return items.length > mostItems ? [...shown, `… (cut: there are ${items.length})`] : shown;
}

function read(object: object, name: string): unknown {
  try {
    return (object as Readonly<Record<string, unknown>>)[name]; // its own key
  } catch {
    return '(cannot be read)'; // a getter that throws
  }
}

// The same few names come again and again; those that clients make up must not fill the memory.
const known = new Map<string, boolean>();
function isSecret(name: string): boolean {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (known.size > 2_000) known.clear();
  const secret = isSecretName(name);
  known.set(name, secret);
  return secret;
}

/** The texts under personal names in the data of a command, longest first. Those of one or two characters stand in lines for other reasons. */
export function personalValues(data: unknown, personal: ReadonlySet<string>): readonly string[] {
  const found = new Set<string>();
  collect(data, { personal, found, within: false, depth: 0 });
  return [...found].sort((a, b) => b.length - a.length);
}

interface Collecting {
  readonly personal: ReadonlySet<string>;
  readonly found: Set<string>;
  readonly within: boolean;
  readonly depth: number;
}

function collect(value: unknown, { personal, found, within, depth }: Collecting): void {
  if (found.size >= mostItems || depth > deepest) return;
  if (typeof value === 'string') {
    // schemas trim and lower; what was decided may say it so
    if (within) for (const form of [value, value.trim(), value.trim().toLowerCase()]) if (form.length > 2) found.add(form);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, each] of Object.entries(value)) {
    collect(each, { personal, found, within: within || personal.has(name), depth: depth + 1 });
  }
}
