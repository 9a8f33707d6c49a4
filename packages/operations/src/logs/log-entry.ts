/** Least important first. */
export const entryLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type EntryLevel = (typeof entryLevels)[number];

/** A line of a service's log. */
export interface LogEntry {
  readonly service: string;
  /** Milliseconds since 1970; of a line that has none that of the line before it; absent if there is none before it. */
  readonly time?: number;
  /** What is no JSON, such as the stack of a crash, counts as an error. */
  readonly level: EntryLevel;
  /** The line as it stands in the file. */
  readonly text: string;
}

export type LogFields = Readonly<Record<string, unknown>>;

const beginning = /^\{"level":"([a-z]{4,5})","time":"([^"]{20,30})"/;
/** pino's own numbers. */
export const numberedLevels: { readonly [level: number]: EntryLevel | undefined } = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** Reads a line as far as needed to sort it: most begin with their level and time. */
export function logEntry(service: string, text: string): LogEntry {
  const [, level, time] = beginning.exec(text) ?? [];
  if (level !== undefined && time !== undefined && isLevel(level)) return entry(service, text, level, Date.parse(time));
  const fields = fieldsOf({ text });
  if (fields === undefined) return { service, level: 'error', text };
  const given = typeof fields.level === 'number' ? numberedLevels[fields.level] : fields.level;
  const at = typeof fields.time === 'string' ? Date.parse(fields.time) : Number(fields.time);
  return entry(service, text, isLevel(given) ? given : 'info', at);
}

/** The fields of a line; `undefined` if it is no JSON object, or was cut. */
export function fieldsOf({ text }: Pick<LogEntry, 'text'>): LogFields | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function entry(service: string, text: string, level: EntryLevel, time: number): LogEntry {
  return { service, level, text, ...(Number.isFinite(time) && { time }) };
}

function isLevel(value: unknown): value is EntryLevel {
  return entryLevels.some((level) => level === value);
}
