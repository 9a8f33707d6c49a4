import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RotatedFile } from './rotated-file.ts';

let directory: string;
const opened: RotatedFile[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kiroku-log-'));
});
afterEach(() => {
  for (const file of opened.splice(0)) file.close();
  rmSync(directory, { recursive: true });
});

function open({ maxBytes = 26, maxFiles = 3 } = {}): RotatedFile {
  const describeLoss = ({ lines, reason }: { lines: number; reason: string }) => `lost ${lines} (${reason})\n`;
  const file = new RotatedFile({ path: join(directory, 'logs', 'a.log'), maxBytes, maxFiles, describeLoss });
  opened.push(file);
  return file;
}

const files = () => readdirSync(join(directory, 'logs')).sort();
const read = (name: string) => readFileSync(join(directory, 'logs', name), 'utf8');
const lines = (...numbers: number[]) => numbers.map((n) => `line ${n}...\n`).join('');

describe('a log file', () => {
  it('is put aside before it grows beyond its size, and the oldest is overwritten', () => {
    const file = open();
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9]) file.write(lines(n));
    expect(files()).toEqual(['a.log', 'a.log.1', 'a.log.2']);
    expect(files().map(read)).toEqual([lines(9), lines(7, 8), lines(5, 6)]);
  });

  it('is continued after a restart, with what others appended', () => {
    open().write(lines(1));
    appendFileSync(join(directory, 'logs', 'a.log'), 'crash\n');
    const again = open();
    again.write(lines(2));
    again.write(lines(3));
    expect(files().map(read)).toEqual([lines(3), `${lines(1)}crash\n${lines(2)}`]);
  });

  it('begins a line of its own after half a one that a killed process left', () => {
    mkdirSync(join(directory, 'logs'));
    appendFileSync(join(directory, 'logs', 'a.log'), '{"level":');
    open().write(lines(1));
    expect(read('a.log')).toBe(`{"level":\n${lines(1)}`);
  });

  it('takes a line that is larger than a file may be', () => {
    const file = open();
    file.write(`${'x'.repeat(100)}\n`);
    file.write(lines(1));
    expect(read('a.log.1')).toHaveLength(101);
    expect(read('a.log')).toBe(lines(1));
  });

  it('goes on without what cannot be written, and tells it once it can', () => {
    const blocked = join(directory, 'logs');
    mkdirSync(join(blocked, 'a.log'), { recursive: true }); // a directory where the file should be
    const file = open();
    file.write(lines(1));
    file.write(lines(2));
    expect(file.loss).toMatchObject({ lines: 2, reason: 'EISDIR', since: expect.any(String) });
    rmSync(join(blocked, 'a.log'), { recursive: true });
    file.write(lines(3));
    expect(read('a.log')).toBe(`lost 2 (EISDIR)\n${lines(3)}`);
    expect(file.loss).toBeUndefined();
  });

  it('is written on while it cannot be put aside, and put aside later', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(100_000);
    const file = open();
    file.write(lines(1, 2));
    mkdirSync(join(directory, 'logs', 'a.log.1', 'in the way'), { recursive: true });
    mkdirSync(join(directory, 'logs', 'a.log.2', 'in the way'), { recursive: true });
    file.write(lines(3));
    expect(read('a.log')).toBe(lines(1, 2, 3));
    for (const n of [1, 2]) rmSync(join(directory, 'logs', `a.log.${n}`), { recursive: true });
    file.write(lines(4));
    expect(read('a.log')).toBe(lines(1, 2, 3, 4)); // not tried with every line
    now.mockReturnValue(102_000);
    file.write(lines(5));
    vi.restoreAllMocks();
    expect(files().map(read)).toEqual([lines(5), lines(1, 2, 3, 4)]);
  });

  it('is not put aside a second time if somebody did', () => {
    const file = open();
    file.write(lines(1, 2));
    renameSync(join(directory, 'logs', 'a.log'), join(directory, 'logs', 'a.log.1'));
    file.write(lines(3));
    expect(files().map(read)).toEqual([lines(3), lines(1, 2)]);
  });
});
