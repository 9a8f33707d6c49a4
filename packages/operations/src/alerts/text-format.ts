/** One value of a series, as a service exports it. */
export interface ExportedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const metricName = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelPair = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\["\\n])*)"[ \t]*(,|(?=\}))/y;
const opening = /[ \t]*\{/y;
const closing = /[ \t]*\}/y;
const valueAndTime = /[ \t]+(\S+)(?:[ \t]+-?[0-9]+)?[ \t]*$/y;

/**
 * The samples of an answer in the text format of Prometheus (0.0.4). Throws at the first line that is none, as Prometheus refuses the whole answer:
 * parse-prometheus-text-format 1.1 takes any text for metrics, and a page of a proxy is no service that is well.
 */
export function parseMetrics(text: string): readonly ExportedSample[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    return trimmed === '' || trimmed.startsWith('#') ? [] : [parseSample(trimmed, index + 1)];
  });
}

function parseSample(line: string, number: number): ExportedSample {
  const reader = new LineReader(line);
  const [name] = reader.take(metricName) ?? [];
  const labels: Record<string, string> = {};
  if (reader.take(opening) !== undefined) {
    for (let pair = reader.take(labelPair); pair !== undefined; pair = reader.take(labelPair)) {
      const [, label = '', value = ''] = pair;
      labels[label] = unescaped(value);
    }
    if (reader.take(closing) === undefined) throw noSample(number);
  }
  const value = numberOf(reader.take(valueAndTime)?.[1]);
  if (name === undefined || value === undefined) throw noSample(number);
  return { name, labels, value };
}

/** Reads a line from left to right; no expression looks at a part of it twice. */
class LineReader {
  at = 0;
  readonly #line: string;

  constructor(line: string) {
    this.#line = line;
  }

  take(what: RegExp): RegExpExecArray | undefined {
    what.lastIndex = this.at;
    const found = what.exec(this.#line);
    if (found === null) return undefined;
    this.at = what.lastIndex;
    return found;
  }
}

const infinite = /^([-+]?)inf(?:inity)?$/i;

/** As Go's ParseFloat, which Prometheus reads values with, takes them: prom-client writes `Nan`. */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^nan$/i.test(text)) return Number.NaN;
  const [, sign] = infinite.exec(text) ?? [];
  if (sign !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(text) ? Number(text) : undefined;
}

function unescaped(value: string): string {
  return value.includes('\\') ? value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)) : value;
}

function noSample(line: number): Error {
  return new Error(`line ${line} of its metrics is not in the text format of Prometheus`);
}
