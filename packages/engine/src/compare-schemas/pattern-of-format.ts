import type { JsonObject } from '@kiroku/core';

const uuid = (version: string, variant = 'a') => `0193a5b0-7c1e-${version}000-${variant}000-00000000000f`;
const instants = ['2026-11-24T10:00:00', '2026-11-24T10:00:00.1', '2026-11-24T10:00:00.123456', '2026-11-24T10:00', '2024-02-29T23:59:59'];

/** Of each format, texts of every kind that a schema may or may not mean by it. */
const samples: { readonly [format: string]: readonly string[] | undefined } = {
  uuid: [
    ...['1', '2', '3', '4', '5', '6', '7', '8', '0', 'f'].flatMap((version) => [
      uuid(version),
      uuid(version, '8'),
      uuid(version, 'c'),
      uuid(version).toUpperCase(),
    ]),
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  ],
  'date-time': instants.flatMap((instant) => ['', 'Z', 'z', '+09:00', '-0330', '+01'].map((zone) => `${instant}${zone}`)),
  date: ['2026-11-24', '2024-02-29', '0001-01-01', '9999-12-31', '20261124'],
  time: ['10:00', '10:00:00', '10:00:00.1', '10:00:00.123456', '10:00:00Z', '10:00:00+09:00', '23:59:60'],
  email: [
    'a@b.cd',
    'first.last@example.com',
    "o'hara@example.com",
    'a+b@example.com',
    'A_B-c@Ex-ample.co.uk',
    'x@sub.sub.example.museum',
    'ü@example.com',
    'a@b',
    '"a b"@c.de',
    'a@[127.0.0.1]',
  ],
};

/**
 * Libraries spell the pattern of a format anew from release to release, and with options. Does `after` take every text that `before` takes?
 * Told by samples of the format, and only for formats that have some.
 */
export function samplesFit(before: JsonObject, after: JsonObject): boolean {
  const { format } = after;
  const texts = typeof format === 'string' && before.format === format ? samples[format] : undefined;
  const [old, present] = [regExp(before.pattern), regExp(after.pattern)];
  if (texts === undefined || old === undefined || present === undefined) return false;
  return texts.every((text) => !old.test(text) || present.test(text));
}

function regExp(pattern: unknown): RegExp | undefined {
  try {
    return typeof pattern === 'string' ? new RegExp(pattern, 'u') : undefined;
  } catch {
    return undefined;
  }
}
