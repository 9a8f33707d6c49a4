import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LogFilter, logFilter, readLogs } from '@kiroku/operations';
import {
  type Arbitrary,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  oneof,
  option,
  property,
  record,
  array as some,
  tuple,
} from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { readableLogEntry } from '../output/format-log-entry.ts';

const directory = mkdtempSync(join(tmpdir(), 'kiroku-logs-'));
mkdirSync(join(directory, 'logs'));
afterAll(() => rmSync(directory, { recursive: true }));

const time = integer({ min: 0, max: 59 }).map((second) => new Date(Date.UTC(2026, 10, 27, 10, 0, second)).toISOString());
const text = constantFrom('answered', 'a stall', 'shop', 'x.y', 'Ärger', 'a\nstall', 'by it', '', 'c"1', 'order-1/a', '10', 'stall  at');
const value = oneof(
  text,
  constantFrom(1e21, 0.5, 12, null, true),
  record({ code: text, n: constantFrom(1, 2) }),
  some(text, { maxLength: 2 }),
);
const field = tuple(constantFrom('note', 'code', 'correlationId', 'a stall', 'output'), value);
const err = option(
  record({ type: text, message: text, stack: option(text, { nil: undefined }), cause: option(record({ message: text })) }),
  {
    nil: undefined,
  },
);
const json = record({
  level: constantFrom('debug', 'info', 'warn', 'error', 'fatal', 30),
  time: option(time, { nil: undefined }),
  msg: value,
  fields: some(field, { maxLength: 3 }),
  err,
});
/** The same JSON as others may write it. */
const written = constantFrom<(line: string) => string>(
  (line) => line,
  (line) => line.replaceAll('/', '\\/'),
  (line) => line.replaceAll('st', '\\u0073t'),
  (line) => line.replace('"code":', '"code": '),
  (line) => line.replaceAll('0.5', '5e-1').replaceAll(':12', ':1.2e1'),
);
const line = oneof(
  {
    weight: 4,
    arbitrary: tuple(json, written).map(([{ fields, ...own }, write]) => write(JSON.stringify({ ...own, ...Object.fromEntries(fields) }))),
  },
  constantFrom(
    '',
    'Error: a stall',
    '    at x.y',
    '{"level":"info","ti',
    '{"level":"info","time":"2026-11-27T10:00:61.000Z","msg":"answered"}',
    '{"level":"info","time":"2026-11-27T10:00:30.00\\u0030Z","msg":"a stall"}',
    '{"level":"info","time":"2026-11-27T10:00:30.00é0Z","level":"error"}',
    '{"level":"info","time":"2026-11-27T10:00:30Z","level":"error"}',
    '{"level":"info","time":"2026-11-27T10:00:30.000Z","level":"error"',
    '{"level":"debug","time":"2026-11-27T10:00:30.000Z"',
    '{"level":"wrong","time":"2026-11-27T10:00:30.000Z","msg":"shop"}',
    `pad ${'x'.repeat(100_000)} shop`,
    `${'é'.repeat(150_000)} answered`,
  ),
);
const files = tuple(some(line, { maxLength: 12 }), some(line, { maxLength: 12 }), constantFrom('', '\n'));
const expressions = [
  'answered',
  'a stall',
  'l?stall',
  'shop',
  'service',
  'x\\.y',
  'x.y',
  'code=c',
  'answered|by',
  '10',
  'ERR',
  'it',
  'caused by',
  'a.*stall',
  'order-1/a',
  'st+all',
  '^2026',
  'stall$',
  'note',
  '[as]t',
  '(a) stall',
  '12',
  'e1',
  'n',
  'null',
  'stall at',
  'characters',
  '\\x73hop',
];
const expression = constantFrom(...expressions);
const filter = record(
  { grep: expression, correlationId: text, level: constantFrom('trace', 'info', 'warn', 'ERROR'), since: time },
  { requiredKeys: [] },
) as Arbitrary<LogFilter>;

async function found(given: LogFilter, { tail, everyLine }: { readonly tail: number | undefined; readonly everyLine: boolean }) {
  const { fits, ...quick } = logFilter(given, readableLogEntry);
  const wanted = everyLine ? { fits } : { fits, ...quick };
  const lines = readLogs({ dataDirectory: directory, services: ['shop-service'], wanted, ...(tail !== undefined && { tail }) });
  const entries = [];
  for await (const entry of lines) entries.push(entry);
  return entries;
}

test('a search finds what reading every line finds, with the same times', async () => {
  const tails = option(integer({ min: 1, max: 5 }), { nil: undefined });
  await assert(
    asyncProperty(files, filter, tails, async ([older, newer, end], given, tail) => {
      writeFileSync(join(directory, 'logs', 'shop-service.log.1'), older.map((each) => `${each}\n`).join(''));
      writeFileSync(join(directory, 'logs', 'shop-service.log'), newer.join('\n') + end);
      const everything = await found(given, { tail: undefined, everyLine: true });
      expect(await found(given, { tail, everyLine: false })).toEqual(tail === undefined ? everything : everything.slice(-tail));
    }),
    { numRuns: 200 },
  );
});

test('a search makes no text of lines that cannot be meant', async () => {
  const { sought } = logFilter({ grep: 'command handled by|rare.*happened' }, readableLogEntry);
  expect(sought?.('command-service')).toEqual(['handled by', 'happened', '\\u', '\\/']);
  expect(logFilter({ grep: '[0-9]+ms' }, readableLogEntry).sought?.('a')).toBeUndefined();
  const { sought: none, passesOver } = logFilter({ level: 'error', since: '2026-11-27T10:00:00Z' }, readableLogEntry);
  expect(none).toBeUndefined();
  const passed = (level: string, at: string) => passesOver?.(Buffer.from(`\n{"level":"${level}","time":"${at}","msg":""}`), 1);
  expect(passed('info', '2026-11-27T10:00:01.000Z')).toBe(true);
  expect(passed('fatal', '2026-11-27T09:59:59.999Z')).toBe(true);
  expect(passed('error', '2026-11-27T10:00:00.000Z')).toBe(false);
  expect(logFilter({ grep: 'a' }, readableLogEntry).passesOver).toBeUndefined();
});

test('by its time a line is passed over as by what `Date` makes of it', () => {
  const digits = (of: number, most: number) => integer({ min: 0, max: most }).map((number) => String(number).padStart(of, '0'));
  const times = tuple(
    constantFrom('2026', '2024', '0000'),
    digits(2, 13),
    digits(2, 32),
    digits(2, 25),
    digits(2, 61),
    digits(2, 61),
    digits(3, 999),
  );
  const odd = constantFrom<(time: string) => string>(
    (time) => time,
    (time) => time.replace('T', ' '),
    (time) => time.replace('.', ','),
    (time) => time.replace('Z', 'z'),
    (time) => time.replace(/:../, ':x0'),
  );
  assert(
    property(some(times, { minLength: 1, maxLength: 3 }), odd, times, (all, change, from) => {
      const textOf = ([y, m, d, hh, mm, ss, ms]: typeof from) => `${y}-${m}-${d}T${hh}:${mm}:${ss}.${ms}Z`;
      const since = textOf(from);
      if (!Number.isFinite(Date.parse(since))) return;
      const { passesOver } = logFilter({ since }, readableLogEntry);
      for (const each of all.map(textOf).map(change)) {
        const line = Buffer.from(`{"level":"info","time":"${each}"}`);
        expect([each, passesOver?.(line, 0)]).toEqual([each, Date.parse(each) < Date.parse(since)]);
      }
    }),
    { numRuns: 1_000 },
  );
});
