import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { KirokuError } from './errors.ts';
import type { JsonObject } from './json.ts';

/** Any schema of a Standard Schema library (zod, valibot, arktype …). https://standardschema.dev */
export type Schema<Output = unknown> = StandardSchemaV1<unknown, Output>;
export type OutputOf<S extends Schema> = StandardSchemaV1.InferOutput<S>;

/** One fault in an input: where, and what is wrong. */
export interface SchemaIssue {
  /** Dotted path from the root, `''` for the root itself. */
  readonly path: string;
  readonly message: string;
}

/** Checks `value` and returns the parsed output, or the list of what is wrong. Throws only for an asynchronous schema. */
export function check<S extends Schema>(
  schema: S,
  value: unknown,
): { readonly value: OutputOf<S> } | { readonly issues: readonly SchemaIssue[] } {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) {
    throw new KirokuError('AsyncSchema', 'A schema validated asynchronously. Event and command schemas must be synchronous.');
  }
  if (result.issues === undefined) return { value: result.value as OutputOf<S> }; // the spec types output as the schema's own
  return { issues: result.issues.map(({ path, message }) => ({ path: dotted(path), message })) };
}

/**
 * What the schema lets through, as JSON Schema (2020-12); `undefined` if its library has no Standard JSON Schema, or has none for this schema.
 * https://standardschema.dev/json-schema
 */
export function jsonSchemaOf(schema: Schema): JsonObject | undefined {
  const { jsonSchema }: Schema['~standard'] & Partial<Pick<StandardJSONSchemaV1.Props, 'jsonSchema'>> = schema['~standard'];
  try {
    return jsonSchema?.output({ target: 'draft-2020-12' }) as JsonObject | undefined; // a JSON Schema is JSON
  } catch {
    return undefined; // libraries throw for what JSON Schema cannot say
  }
}

function dotted(path: StandardSchemaV1.Issue['path']): string {
  return (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
