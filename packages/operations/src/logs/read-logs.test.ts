import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryLevels } from './log-entry.ts';
import { type LogFilter, logFilter } from './log-filter.ts';
import { type ReadLogsOptions, readLogs } from './read-logs.ts';

let directory: string;
const stopped: AbortController[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kiroku-logs-'));
  mkdirSync(join(directory, 'logs'));
});
afterEach(() => {
  for (const each of stopped.splice(0)) each.abort();
  rmSync(directory, { recursive: true });
});

const at = (second: number) => `2026-11-27T10:00:${String(second).padStart(2, '0')}.000Z`;
const line = (second: number, msg: string, more: object = {}) => `${JSON.stringify({ level: 'info', time: at(second), ...more, msg })}\n`;
const path = (name: string) => join(directory, 'logs', name);
const write = (name: string, ...lines: readonly string[]) => writeFileSync(path(name), lines.join(''));
const messageOf = (text: string) => (text.startsWith('{') && text.endsWith('}') ? JSON.parse(text).msg : text);

async function read(options: Partial<ReadLogsOptions> = {}, filter: LogFilter = {}): Promise<string[]> {
  const found: string[] = [];
  const wanted = logFilter(filter, { of: ({ level }) => level.toUpperCase(), adds: entryLevels.map((level) => level.toUpperCase()) });
  for await (const { service, text } of readLogs({ dataDirectory: directory, services: ['a', 'b'], wanted, ...options })) {
    found.push(`${service}: ${messageOf(text)}`);
  }
  return found;
}

describe('logs', () => {
  it('of several services come in the order of their times, over files that were put aside', async () => {
    write('a.log.10', line(1, '1'));
    write('a.log.2', line(3, '3'));
    write('a.log.1', line(5, '5'));
    write('a.log', line(7, '7'));
    write('b.log.1', line(2, '2'), line(4, '4'));
    write('b.log', line(6, '6'));
    write('a.log.old', 'not of this log');
    const all = ['a: 1', 'b: 2', 'a: 3', 'b: 4', 'a: 5', 'b: 6', 'a: 7'];
    expect(await read()).toEqual(all);
    expect(await read({ tail: 3 })).toEqual(all.slice(-3));
    expect(await read({ tail: 99 })).toEqual(all);
    expect(await read({ services: ['b'], tail: 2 })).toEqual(['b: 4', 'b: 6']);
    expect(await read({ tail: 0 })).toEqual([]);
  });

  it('are chosen by level, time, expression and correlation; the last ones are the last that were chosen', async () => {
    write('a.log', line(1, 'x', { level: 'warn', correlationId: 'c' }), line(2, 'y', { correlationId: 'other', data: { id: 'c' } }));
    write('b.log', line(3, 'z', { level: 'error' }), line(4, 'x2'), line(5, 'y2', { level: 'debug' }));
    expect(await read({}, { level: 'warn' })).toEqual(['a: x', 'b: z']);
    expect(await read({ tail: 1 }, { level: 'WARN' })).toEqual(['b: z']);
    expect(await read({ since: at(3) }, { since: at(3) })).toEqual(['b: z', 'b: x2', 'b: y2']);
    expect(await read({}, { grep: '"msg":"x' })).toEqual(['a: x', 'b: x2']);
    expect(await read({}, { grep: 'ERROR|CRITICAL' })).toEqual(['b: z']);
    expect(await read({}, { correlationId: 'c' })).toEqual(['a: x']);
  });

  it.each([
    [{ level: 'loud' }, /"loud" is no level.*trace, debug/],
    [{ since: 'yesterday' }, /no time/],
    [{ grep: '(' }, /--grep cannot be read/],
  ])('a filter %j is refused', (filter, message) => {
    expect(() => logFilter(filter, { of: () => '', adds: [] })).toThrow(message);
    expect(() => logFilter(filter, { of: () => '', adds: [] })).toThrow(expect.objectContaining({ code: 'BadRequest' }));
  });

  it('have what is no JSON with the line before it, as errors', async () => {
    write('a.log', 'began in the middle\n', line(2, '2'), 'Error: out of memory\n', '    at x\n', line(6, '6'), '{"level":"info","ti');
    write('b.log', line(3, '3'), line(7, '7'));
    const expected = [
      'a: began in the middle',
      'a: 2',
      'a: Error: out of memory',
      'a:     at x',
      'b: 3',
      'a: 6',
      'a: {"level":"info","ti',
      'b: 7',
    ];
    expect(await read()).toEqual(expected);
    expect(await read({ tail: 99 })).toEqual(expected);
    expect(await read({}, { level: 'error' })).toEqual(expected.filter((text) => !/\d$/.test(text)));
  });

  it('have fields of megabytes, cut', async () => {
    write('a.log', line(1, 'x'.repeat(900_000)), line(2, 'y'.repeat(5_000_000)), line(3, '3'));
    for (const tail of [{}, { tail: 5 }]) {
      const [whole = '', cut = '', last] = await read(tail);
      expect(whole).toHaveLength(900_003);
      expect(cut.length).toBeLessThan(1_100_000);
      expect(cut.slice(0, 60)).toContain('"time":"2026-11-27T10:00:02');
      expect(cut).toMatch(/… \(cut\)$/);
      expect(last).toBe('a: 3');
    }
  });

  it('of pino with numbers, and of other times, are read too', async () => {
    write('a.log', `${JSON.stringify({ time: Date.parse(at(3)), level: 50, msg: 'numbers' })}\n`);
    write('b.log', line(2, '2'), line(4, '4'));
    expect(await read()).toEqual(['b: 2', 'a: numbers', 'b: 4']);
    expect(await read({}, { level: 'error' })).toEqual(['a: numbers']);
  });

  it('of a clock that went back stay in the order they were written, and none is left out', async () => {
    write('a.log.1', line(40, 'first'), line(50, 'before'));
    write('a.log', line(10, 'after'), line(20, 'last'));
    write('b.log', line(45, 'b'));
    expect((await read()).filter((text) => text.startsWith('a'))).toEqual(['a: first', 'a: before', 'a: after', 'a: last']);
    expect(await read({ since: at(15), tail: 9 }, { since: at(15) })).toHaveLength(4);
    expect(await read({ since: at(30) }, { since: at(30) })).toEqual(['a: first', 'b: b', 'a: before']);
  });

  it('that are not there are empty', async () => {
    expect(await read()).toEqual([]);
    rmSync(join(directory, 'logs'), { recursive: true });
    expect(await read({ tail: 3 })).toEqual([]);
  });
});

describe('following', () => {
  /** Follows, and tells what comes until the test ends. */
  function follow(options: Partial<ReadLogsOptions> = {}): string[] {
    const stop = new AbortController();
    stopped.push(stop);
    const found: string[] = [];
    const lines = readLogs({ dataDirectory: directory, services: ['a', 'b'], follow: true, pollMs: 10, signal: stop.signal, ...options });
    void (async () => {
      for await (const { service, text } of lines) found.push(`${service}: ${messageOf(text)}`);
    })();
    return found;
  }
  const append = (name: string, text: string) => appendFileSync(path(name), text);
  const rotate = (name: string) => {
    renameSync(path(`${name}.1`), path(`${name}.2`));
    renameSync(path(name), path(`${name}.1`));
  };

  it('shows the last lines and goes on with what is written, each line once and whole', async () => {
    write('a.log', line(1, '1'), line(2, '2'), '{"level":"info","time":"2026-11-2');
    const found = follow({ tail: 1 });
    await expect.poll(() => found).toEqual(['a: 2']);
    append('a.log', `${line(3, 'three').slice('{"level":"info","time":"2026-11-2'.length)}`);
    await expect.poll(() => found).toEqual(['a: 2', 'a: three']);
    append('b.log', line(4, 'a new log'));
    await expect.poll(() => found).toEqual(['a: 2', 'a: three', 'b: a new log']);
  });

  it('goes on over files that are put aside, several at a time, and one that is emptied', async () => {
    write('a.log.1', line(0, '0'));
    write('a.log', line(1, '1'));
    const found = follow({ tail: 1, services: ['a'] });
    await expect.poll(() => found).toEqual(['a: 1']);
    append('a.log', line(2, '2'));
    rotate('a.log');
    write('a.log', line(3, '3'));
    rotate('a.log');
    write('a.log', line(4, '4'));
    await expect.poll(() => found).toEqual(['a: 1', 'a: 2', 'a: 3', 'a: 4']);
    write('a.log', '{}\n');
    await expect.poll(() => found.slice(4)).toEqual(['a: undefined']);
    append('a.log', line(6, '6'));
    await expect.poll(() => found.slice(5)).toEqual(['a: 6']);
  });
});
