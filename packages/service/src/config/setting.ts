import { z } from 'zod';

/** What the configuration reference says about a variable. */
export interface SettingDoc {
  readonly description: string;
  /** The allowed values, in words; shown in faults too. */
  readonly allowed: string;
  /** Kept out of logs and of the reference's examples. */
  readonly secret?: boolean;
}

/** A record of environment variables: name → schema made with `setting`. */
export type Settings = z.ZodObject<Record<string, z.ZodType>>;

/** Adds to a schema what people need to know about the variable. */
export function setting<S extends z.ZodType>(schema: S, doc: SettingDoc): S {
  return schema.meta({ ...doc });
}

/** Reads the documentation that `setting` attached. */
export function settingDoc(schema: z.ZodType): SettingDoc {
  const { description = '', allowed = '', secret = false } = schema.meta() ?? {};
  return { description, allowed: String(allowed), secret: secret === true };
}

/** A whole number with a default. */
export function integer(options: { readonly min: number; readonly max: number; readonly default: number; readonly description: string }) {
  const { min, max, description } = options;
  const schema = z
    .string()
    .regex(/^[0-9]{1,15}$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `is below ${min}`).max(max, `is above ${max}`))
    .prefault(String(options.default));
  return setting(schema, { description, allowed: `a whole number from ${min} to ${max}` });
}

/** The TCP port of an HTTP server, with a default. */
export function port(defaultPort: number, description: string) {
  const schema = integer({ min: 1, max: 65_535, default: defaultPort, description });
  const usable = schema.refine((value) => !refusedPorts.has(value), 'is a port that neither browsers nor fetch connect to');
  return setting(usable, settingDoc(schema));
}

/** Above 1023: https://fetch.spec.whatwg.org/#port-blocking */
const refusedPorts: ReadonlySet<number> = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** One of a few words. */
export function choice<const Values extends readonly [string, ...string[]]>(options: {
  readonly values: Values;
  readonly default: Values[number];
  readonly description: string;
}) {
  const schema = z.enum(options.values, 'is not one of the choices').prefault(options.default);
  return setting(schema, { description: options.description, allowed: options.values.join(', ') });
}

/** The text of a URL with one of the given protocols; a trailing slash is dropped. */
export function urlText(protocols: readonly string[]) {
  return z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), 'is not such a URL')
    .transform((text) => text.replace(/\/$/, ''));
}

/** An HTTP URL with a default. */
export function httpUrl(defaultUrl: string, description: string) {
  return setting(urlText(['http:', 'https:']).prefault(defaultUrl), { description, allowed: 'a URL that starts with http:// or https://' });
}

const instanceUrls = z
  .string()
  .transform((text) => text.split(',').map((url) => url.trim()))
  .pipe(z.array(urlText(['http:', 'https:'])).refine((urls) => new Set(urls).size === urls.length, 'names an instance twice'));
const instances = 'URLs that start with http:// or https://, separated by commas';

/** One or several HTTP URLs with a default: the instances of a service. */
export function httpUrls(defaultUrl: string, description: string) {
  return setting(instanceUrls.prefault(defaultUrl), { description, allowed: instances });
}

/** The same, which may be left out. */
export function optionalHttpUrls(description: string) {
  return setting(instanceUrls.optional(), { description, allowed: instances });
}

/** The text of a variable's default, `undefined` if it must be given. */
export function defaultOf(schema: z.ZodType): string | undefined {
  const { success, data } = schema.safeParse(undefined);
  return success && (typeof data === 'string' || typeof data === 'number' || Array.isArray(data)) ? String(data) : undefined;
}
