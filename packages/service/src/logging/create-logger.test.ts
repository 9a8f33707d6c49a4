import { describe, expect, it } from 'vitest';
import { createLogger } from './create-logger.ts';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  const lines: string[] = [];
  const destination = { write: (text: string) => void lines.push(text) };
  write(createLogger({ service: 'shop', instance: 'a', level: 'info', format: 'json', destination }));
  return JSON.parse(lines.join(''));
}

describe('a log line', () => {
  it('is one JSON object with time, level, service and instance', () => {
    expect(logged((logger) => logger.info({ correlationId: 'c' }, 'hello'))).toMatchObject({
      level: 'info',
      service: 'shop',
      instance: 'a',
      correlationId: 'c',
      msg: 'hello',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('has no password of a URL, neither in its text nor in an error', () => {
    const line = logged((logger) => logger.error(new Error('no route to postgres://kiroku:p@ss:w0rd@db:5432/x'), 'amqp://u:secret@h'));
    expect(JSON.stringify(line)).toContain('postgres://kiroku:***@db:5432/x');
    expect(JSON.stringify(line)).not.toMatch(/w0rd|secret/);
  });

  it('has no authorization, cookie or password field', () => {
    const line = logged((logger) =>
      logger.info({ authorization: 'Bearer x1', req: { headers: { cookie: 'x2' } }, user: { password: 'x3' } }),
    );
    expect(JSON.stringify(line)).not.toMatch(/x[123]/);
  });
});
