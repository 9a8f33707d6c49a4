import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { GatheredLines } from './gathered-lines.ts';

function open() {
  const written: [text: string, lines: number | undefined][] = [];
  const gathered = new GatheredLines({ write: (text, lines) => void written.push([text, lines]) });
  return { logger: pino({ base: null, timestamp: false, formatters: { level: () => ({ l: 0 }) } }, gathered), written };
}
afterEach(() => void vi.useRealTimers());
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('lines of a turn are written together, in their order, when it ends', async () => {
  const { logger, written } = open();
  logger.info('a');
  logger.info('b');
  expect(written).toEqual([]);
  await turn();
  expect(written).toEqual([['{"l":0,"msg":"a"}\n{"l":0,"msg":"b"}\n', 2]]);
});

it('what comes soon after a write waits for a tenth of a second of others, a lone line for none', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { logger, written } = open();
  logger.info('a');
  await turn();
  logger.info('b');
  await turn();
  logger.info('c');
  expect(written).toHaveLength(1);
  vi.advanceTimersByTime(100);
  expect(written.at(-1)).toEqual(['{"l":0,"msg":"b"}\n{"l":0,"msg":"c"}\n', 2]);
  vi.advanceTimersByTime(100);
  logger.info('d');
  await turn();
  expect(written).toHaveLength(3);
});

it('what needs somebody is written at once, with what came before it', () => {
  const { logger, written } = open();
  logger.info('a');
  logger.warn('b');
  logger.error('c');
  expect(written).toEqual([
    ['{"l":0,"msg":"a"}\n{"l":0,"msg":"b"}\n', 2],
    ['{"l":0,"msg":"c"}\n', 1],
  ]);
});

it('what is much is not kept until the turn ends', () => {
  const { logger, written } = open();
  logger.info('x'.repeat(70_000));
  expect(written).toHaveLength(1);
});
