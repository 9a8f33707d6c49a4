import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { jobProgress } from './job-progress.ts';

function stream(isTTY: boolean) {
  const written: string[] = [];
  const through = new PassThrough().on('data', (chunk) => written.push(String(chunk)));
  const terminal = Object.assign(through, { isTTY, columns: 120 }) as unknown as NodeJS.WriteStream; // what the bar uses of one
  return { terminal, text: () => written.join('') };
}

const status = { id: 'j', verb: 'events verify', progress: { done: 1_200, total: 5_000, unit: 'events' }, rate: 400, etaSeconds: 9.5 };

test('a terminal is shown how far it is, how fast, and how long it takes', () => {
  const { terminal, text } = stream(true);
  {
    using progress = jobProgress(terminal);
    progress.show(status);
  }
  expect(text()).toContain('1,200 of 5,000 events (24 %)  400/s, 9 s left');
  expect(text()).toContain('█');
});

test('before the first report it says what begins', () => {
  const { terminal, text } = stream(true);
  using progress = jobProgress(terminal);
  progress.show({ id: 'j', verb: 'events verify' });
  expect(text()).toContain('events verify begins');
});

test('what is no terminal is left alone', () => {
  const { terminal, text } = stream(false);
  {
    using progress = jobProgress(terminal);
    progress.show(status);
  }
  expect(text()).toBe('');
});
