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
  return (bytes, start) => {
    const beginning = beginnings.get(bytes[start + levelAt] ?? 0);
    if (beginning === undefined || !isAt(bytes, start, beginning.bytes)) return false;
    const timeStart = start + beginning.bytes.length;
    if (!isTimeAt(bytes, timeStart)) return false;
    if (beginning.importance < least) return true;
    return since > Number.NEGATIVE_INFINITY && Date.parse(bytes.toString('latin1', timeStart, timeStart + timeBytes)) < since;
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
