import { KirokuError } from './errors.ts';
import type { JsonValue } from './json.ts';
import { jsonFault } from './json-fault.ts';

/** A field of `T`, or with dots a field of a field: `address.street`. Lists have none; a list is encrypted as a whole. */
export type FieldPath<T, Depth extends readonly unknown[] = []> = unknown extends T
  ? string
  : Depth['length'] extends 5
    ? never
    : T extends readonly unknown[]
      ? never
      : T extends object
        ? { [K in keyof T & string]-?: K | `${K}.${FieldPath<NonNullable<T[K]>, [...Depth, unknown]>}` }[keyof T & string]
        : never;

// `subject` is a method, so that a table may hold events of different schemas (parameters of methods are compared both ways).
/** What in an event says something about a person, and about whom: it is stored encrypted with a key of that person's own. */
export interface PersonalFields<Data = unknown> {
  /** Whose they are: an id that says nothing about the person, since it stays readable in the log. 1 to 200 characters. */
  subject(data: Data): string;
  /** Each is encrypted as a whole, whatever it holds. */
  readonly fields: readonly FieldPath<Data>[];
  /** What is read in place of a field once its subject is forgotten. Default: `(forgotten)`, for texts; other kinds of values need their own. */
  readonly forgotten?: { readonly [Field in FieldPath<Data>]?: JsonValue };
}

/** Throws `DefinitionInvalid` if the fields cannot be what is meant. */
export function checkPersonalFields(type: string, { fields, forgotten = {} }: PersonalFields): void {
  if (fields.length === 0) throw invalid(type, 'names no field');
  for (const field of fields) {
    const parts = field.split('.');
    if (parts.includes('') || parts.includes('__proto__')) throw invalid(type, `names "${field}", which is no field`);
    const other = fields.find((each) => each.startsWith(`${field}.`));
    if (other !== undefined) throw invalid(type, `names "${field}" and "${other}", which is a part of it`);
  }
  if (new Set(fields).size < fields.length) throw invalid(type, 'names a field twice');
  for (const [field, value] of Object.entries(forgotten)) {
    if (!fields.includes(field)) throw invalid(type, `says what is read of "${field}" once it is forgotten, but does not name that field`);
    const fault = jsonFault(value, field);
    if (fault !== undefined) throw invalid(type, `has a placeholder that cannot be stored: ${fault}`);
  }
}

function invalid(type: string, what: string): KirokuError {
  return new KirokuError('DefinitionInvalid', `personal of ${type} ${what}, so personal data would stay readable. Correct it.`);
}
