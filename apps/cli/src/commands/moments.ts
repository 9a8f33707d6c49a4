import { checkTime } from '@kiroku/core';
import { InvalidArgumentError, Option } from 'commander';

const moments = 'how long ago (30m, 24h, 7d), a day there is (2026-11-24), or a time with its offset (2026-11-24T10:00:00Z)';
const units: { readonly [unit: string]: number | undefined } = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Parses a moment: how long ago (`30m`, `24h`, `7d`), a day, or an ISO 8601 time with its offset; returns it as ISO 8601 in UTC. A time keeps
 * its microseconds, so that one copied from an event is that event's.
 */
export function moment(text: string, now = Date.now()): string {
  const parsed = parseMoment(text, now);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError(`It must be ${moments}.`);
}

function parseMoment(text: string, now: number): string | undefined {
  const [, count, unit = ''] = /^([0-9]{1,6})([mhd])$/.exec(text) ?? [];
  const unitMs = units[unit];
  try {
    return checkTime(count !== undefined && unitMs !== undefined ? new Date(now - Number(count) * unitMs).toISOString() : text);
  } catch {
    return undefined; // no time, or half of one
  }
}

/** Parses a position of the log, or a moment. */
export function positionOrMoment(text: string): number | string {
  if (/^[0-9]{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  const parsed = parseMoment(text, Date.now());
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError(`It must be a position (4711), ${moments}.`);
}

/** Where a reading of the log ends; `positionAt` of @kiroku/operations tells its position. */
export function untilOption(): Option {
  return new Option('--until <position or time>', 'end with this position, or with what was recorded by this time').argParser(
    positionOrMoment,
  );
}
