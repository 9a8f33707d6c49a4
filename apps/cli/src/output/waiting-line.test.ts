import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { waitingLine } from './waiting-line.ts';

function stream(isTTY: boolean) {
  const through = new PassThrough();
  const terminal = Object.assign(through, { isTTY }) as unknown as NodeJS.WriteStream; // what the line uses of one
  return { terminal, shown: () => String(through.read() ?? '') };
}

test('what is waited for stands on one line, with for how long, and is taken away in the end', () => {
  vi.useFakeTimers();
  const { terminal, shown } = stream(true);
  {
    using waiting = waitingLine(terminal, () => Date.now());
    waiting.show('orphans, 6 of 17');
    expect(shown()).toBe('\r\u001b[Korphans, 6 of 17 …');
    vi.advanceTimersByTime(3_000);
    expect(shown()).toMatch(/orphans, 6 of 17 … 3 s$/);
  }
  expect(shown()).toBe('\r\u001b[K');
  vi.advanceTimersByTime(3_000);
  expect(shown()).toBe('');
  vi.useRealTimers();
});

test('where nobody sits at a terminal nothing is shown', () => {
  const { terminal, shown } = stream(false);
  using waiting = waitingLine(terminal);
  waiting.show('orphans');
  waiting.clear();
  expect(shown()).toBe('');
});
