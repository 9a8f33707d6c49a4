import { afterEach, describe, expect, it, vi } from 'vitest';
import { Health } from '../health/health.ts';
import { createApp } from '../http/create-app.ts';
import { createLogger } from './create-logger.ts';
import { LogLevel } from './log-level.ts';
import { logLevelRoutes } from './log-level-routes.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const app of opened.splice(0)) await app.close();
});

function open(configured: 'info' | 'error' = 'info') {
  const lines: string[] = [];
  const destination = { write: (text: string) => void lines.push(text) };
  const logger = createLogger({ service: 'shop', instance: 'a', level: configured, format: 'json', destination });
  return { logger, level: new LogLevel(logger, configured), messages: () => lines.map((line) => JSON.parse(line)) };
}

describe('the level of a log', () => {
  it('changes for a time, and falls back', () => {
    vi.useFakeTimers({ now: new Date('2026-11-27T10:00:00Z') });
    const { logger, level, messages } = open();
    expect(level.change({ level: 'debug', forMs: 60_000, by: 'ada' })).toEqual({
      level: 'debug',
      configured: 'info',
      until: '2026-11-27T10:01:00.000Z',
    });
    logger.debug('now');
    vi.advanceTimersByTime(59_999);
    expect(level.state.level).toBe('debug');
    vi.advanceTimersByTime(1);
    expect(level.state).toEqual({ level: 'info', configured: 'info' });
    logger.debug('not any more');
    expect(messages()).toMatchObject([
      { msg: 'log level changes', from: 'info', to: 'debug', by: 'ada' },
      { msg: 'now' },
      { msg: 'log level changes', from: 'debug', to: 'info' },
    ]);
  });

  it('falls back at the time of the last change, not of one before', () => {
    vi.useFakeTimers();
    const { level } = open();
    level.change({ level: 'debug', forMs: 1_000 });
    level.change({ level: 'trace', forMs: 5_000 });
    vi.advanceTimersByTime(4_999);
    expect(level.state.level).toBe('trace');
    level.reset();
    vi.advanceTimersByTime(10_000);
    expect(level.state).toEqual({ level: 'info', configured: 'info' });
  });

  it('is told of its change where only the other level shows it', () => {
    const { level, messages } = open('error');
    level.change({ level: 'debug', forMs: 1_000 });
    level.reset();
    expect(messages().map(({ to }) => to)).toEqual(['debug', 'error']);
  });

  it('is told and changed over HTTP, while the service is not ready too', async () => {
    const { logger, level } = open();
    const app = createApp({ logger, health: new Health({ service: 'shop', instance: 'a' }) });
    opened.push(app);
    await app.register(logLevelRoutes, { levelOfLog: level });
    const put = (payload: object) => app.inject({ method: 'PUT', url: '/log-level', payload });
    expect((await put({ level: 'debug', forSeconds: 60 })).json()).toMatchObject({ level: 'debug', configured: 'info' });
    expect((await app.inject('/log-level')).json()).toMatchObject({ level: 'debug', until: expect.any(String) });
    expect((await put({ reset: true, by: 'ada' })).json()).toEqual({ level: 'info', configured: 'info' });
    for (const wrong of [
      { level: 'loud', forSeconds: 1 },
      { level: 'debug' },
      { level: 'debug', forSeconds: 0 },
      { level: 'debug', forSeconds: 1e9 },
    ])
      expect((await put(wrong)).json()).toMatchObject({ status: 400, code: 'BadRequest' });
  });
});
