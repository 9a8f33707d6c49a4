import { type EntryLevel, entryLevels } from './log-entry.ts';

/** Whether the line that begins at a byte is certainly none that is wanted. */
export type PassesOver = (bytes: Buffer, start: number) => boolean;

/** What is wanted of how a line begins. */
export interface WantedBeginning {
  /** At least so important. */
  readonly level?: EntryLevel;
  /** Milliseconds since 1970: not before. */
  readonly since?: number;
}

const quote = 0x22;
/** As services write it: `2026-11-24T10:00:00.000Z`. */
const timeBytes = 24;
const dateBytes = 10;
const zero = 0x30;
/** In `T00:00:00.000Z`. */
const marks = [
  [0, 'T'],
  [3, ':'],
  [6, ':'],
  [9, '.'],
  [13, 'Z'],
].map(([at, mark]) => [Number(at), String(mark).charCodeAt(0)] as const);
const levelAt = '{"level":"'.length;

/** What a line begins with, by the first byte of its level: no two have the same. */
const beginnings = new Map(
  entryLevels.map((level, importance) => [level.charCodeAt(0), { importance, bytes: Buffer.from(`{"level":"${level}","time":"`) }]),
);

/**
 * Tells by the bytes of the level and the time with which services begin their lines, as `logEntry` reads them. What begins otherwise, or has a time
 * that is none, is passed over by nobody.
 */
export function passesOver({ level, since = Number.NEGATIVE_INFINITY }: WantedBeginning): PassesOver {
  const least = level === undefined ? 0 : entryLevels.indexOf(level);
  const timeAt = timeReader();
  return (bytes, start) => {
    const beginning = beginnings.get(bytes[start + levelAt] ?? 0);
    if (beginning === undefined || !isAt(bytes, start, beginning.bytes)) return false;
    const timeStart = start + beginning.bytes.length;
    if (!isTimeAt(bytes, timeStart)) return false;
    if (beginning.importance < least) return true;
    return since > Number.NEGATIVE_INFINITY && timeAt(bytes, timeStart) < since;
  };
}

/** In a loop: a call of `compare` costs more than these few bytes. */
function isAt(bytes: Buffer, start: number, wanted: Buffer): boolean {
  for (let at = 0; at < wanted.length; at += 1) if (bytes[start + at] !== wanted[at]) return false;
  return true;
}

/** Plain characters, as many as a time has, between quotes. */
function isTimeAt(bytes: Buffer, start: number): boolean {
  for (let at = start; at < start + timeBytes; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x20 || byte > 0x7e || byte === quote) return false;
  }
  return bytes[start + timeBytes] === quote;
}

/** What `Date.parse` makes of a time. Most lines are of the day of the line before: its text is parsed once, and the rest are digits. */
function timeReader(): (bytes: Buffer, start: number) => number {
  let day = { bytes: Buffer.from('none'), ms: Number.NaN };
  return (bytes, start) => {
    if (!isAt(bytes, start, day.bytes)) {
      const date = Buffer.from(bytes.subarray(start, start + dateBytes)); // a copy: what is read next must not change it
      day = { bytes: date, ms: Date.parse(`${date.toString('latin1')}T00:00:00.000Z`) };
    }
    const within = msWithinDay(bytes, start + dateBytes);
    return within === undefined ? Date.parse(bytes.toString('latin1', start, start + timeBytes)) : day.ms + within;
  };
}

/** Of `T10:00:00.000Z`; `undefined` of anything else. */
function msWithinDay(bytes: Buffer, at: number): number | undefined {
  for (const [offset, byte] of marks) if (bytes[at + offset] !== byte) return undefined;
  const hours = digitsAt(bytes, at + 1, 2);
  const minutes = digitsAt(bytes, at + 4, 2);
  const seconds = digitsAt(bytes, at + 7, 2);
  const ms = ((hours * 60 + minutes) * 60 + seconds) * 1_000 + digitsAt(bytes, at + 10, 3);
  return hours < 24 && minutes < 60 && seconds < 60 && ms >= 0 ? ms : undefined; // NaN: there was no digit
}

function digitsAt(bytes: Buffer, at: number, count: number): number {
  let number = 0;
  for (let next = at; next < at + count; next += 1) {
    const digit = (bytes[next] ?? 0) - zero;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : Number.NaN;
  }
  return number;
}
