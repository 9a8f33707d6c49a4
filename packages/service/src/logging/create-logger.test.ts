import { KirokuError } from '@kiroku/core';
import { describe, expect, it } from 'vitest';
import { createLogger, type Logger, loggerWithin } from './create-logger.ts';
import { followContexts, followsCheaply, withLogContext } from './log-context.ts';
import { statusLogging } from './status-logging.ts';

followContexts();

it.each([
  ['20.20.2', false],
  ['22.12.0', false],
  ['24.0.0', true],
  ['104.1.0', true],
])('with Node %s contexts are followed by themselves: %s', (version, cheap) => {
  expect(followsCheaply(version)).toBe(cheap);
});

type Options = Partial<Parameters<typeof createLogger>[0]>;

/** The lines that are logged, as they are written. */
function linesOf(write: (logger: Logger) => void, options: Options = {}): string[] {
  const lines: string[] = [];
  const destination = { write: (text: string) => void lines.push(text) };
  write(createLogger({ service: 'shop', instance: 'a', level: 'info', format: 'json', destination, ...options }));
  return lines;
}

function logged(write: (logger: Logger) => void, options: Options = {}): Record<string, unknown> {
  return JSON.parse(linesOf(write, options).join(''));
}

const personal = new Set(['name', 'email', 'street']);

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

  it('has no password of a URL in what caused an error, nor in its own fields', () => {
    const cause = Object.assign(new Error('postgres://a:hidden1@db'), {
      url: 'redis://:hidden2@cache',
      options: { auth: { password: 'hidden3' } },
    });
    const line = JSON.stringify(
      logged((logger) => logger.error({ err: new KirokuError('DatabaseUnavailable', 'It is away.', { cause }) })),
    );
    expect(line).toContain('postgres://a:***@db');
    expect(line).not.toMatch(/hidden[123]/);
  });

  it('has no field that is named like a secret, at any depth', () => {
    const line = logged((logger) =>
      logger.info({
        authorization: 'Bearer x1',
        req: { headers: { cookie: 'x2', 'set-cookie': ['x3'] } },
        a: [{ b: { c: [{ apiKey: 'x4', paymentToken: 'x5' }] } }],
      }),
    );
    expect(JSON.stringify(line)).not.toMatch(/x[12345]/);
  });

  it('has no configured secret, wherever it stands and however it is written', () => {
    const secret = 'pa"ss/wörd#1';
    const lines = linesOf(
      (logger) => {
        logger.info({ [`key ${secret}`]: [secret] }, `it is ${secret}`);
        logger.child({ bound: secret }).error(new Error(`https://h/?q=${encodeURIComponent(secret)}`));
      },
      { secrets: [secret] },
    ).join('');
    expect(lines).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(lines).not.toContain(encodeURIComponent(secret));
    expect(lines.match(/\*\*\*/g)).toHaveLength(7); // key, value, text; field of the child; the error's message, stack and text
  });

  it('has no personal field, at any depth, in children neither', () => {
    const lines = linesOf(
      (logger) => {
        logger.info({ event: { type: 'Moved', data: { address: [{ street: 'Elm 7', city: 'Ulm' }] } }, name: 'Ada' }, 'moved');
        logger.child({ customer: { email: 'ada@example.com' } }).info('%s: %o', 'x', { email: 'ada@example.com' });
      },
      { personal },
    ).join('');
    expect(lines).not.toMatch(/Elm 7|ada@|Ada/);
    expect(lines).toContain('Ulm');
  });

  it('names what follows the log, though events have a personal field `name`', () => {
    const status = { name: 'sales', version: 1, state: 'running' };
    const line = logged((logger) => statusLogging(logger, 'projection')(status), { personal });
    expect(line).toMatchObject({ level: 'info', projection: 'sales', version: 1, state: 'running' });
  });

  it('warns while what follows the log is stalled, with the reason', () => {
    const status = { name: 'fulfilment', state: 'stalled', error: new KirokuError('DefinitionInvalid', 'no such step') };
    const line = logged((logger) => statusLogging(logger, 'processManager')(status));
    expect(line).toMatchObject({
      level: 'warn',
      processManager: 'fulfilment',
      error: { code: 'DefinitionInvalid' },
      msg: 'process manager',
    });
  });

  it('has no personal value of the command that is handled, in texts and errors neither', () => {
    const command = { id: '1', type: 'Register', data: { customerId: 'c-1', name: 'Ada Byron', email: ' Ada@Example.com' } };
    const database = Object.assign(new Error('duplicate key "ada@example.com"'), { detail: 'Key (email)=(x@y) exists', code: '23505' });
    const lines = withLogContext({ command, stream: () => 'customer-Ada Byron' }, () =>
      linesOf(
        (logger) => {
          logger.warn({ err: new Error('Ada Byron is there', { cause: database }) }, 'not Ada Byron');
          logger.error(new Error('Ada Byron'));
        },
        { personal },
      ),
    ).join('');
    expect(lines).not.toMatch(/Ada Byron|ada@example|x@y/i);
    expect(lines).toMatch(/"code":"23505","type":"Error"/);
    expect(lines).toContain('(personal) is there');
  });

  it('of a logger that is of something carries its ids, and none of its personal values, whatever is followed', () => {
    const command = { id: 'k', type: 'Register', data: { name: 'Ada Byron' } };
    const context = { correlationId: 'c', command, given: { email: 'ada@example.com' }, stream: () => 'customer-1' };
    const [line = '', child = '', other = ''] = linesOf(
      (logger) => {
        const log = loggerWithin(logger, context);
        log.warn({ err: new Error('Ada Byron is there') }, 'not ada@example.com');
        log.child({ of: 'Ada Byron' }).info({ text: 'ada@example.com' });
        logger.info('Ada Byron');
      },
      { personal },
    );
    const ids = { correlationId: 'c', commandId: 'k', command: 'Register', stream: 'customer-1' };
    expect(JSON.parse(line)).toMatchObject({ ...ids, msg: 'not (personal)', err: { message: '(personal) is there' } });
    expect(JSON.parse(child)).toMatchObject({ ...ids, of: '(personal)', text: '(personal)' });
    expect(JSON.parse(other)).toMatchObject({ msg: 'Ada Byron' });
    expect(JSON.parse(other)).not.toHaveProperty('correlationId');
  });

  it('carries the ids of what it is logged within', () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const inner = { command: { id: 'k', type: 'Ship' }, stream: () => 'order-1' };
    const line = withLogContext({ correlationId: 'c', traceparent }, () =>
      withLogContext(inner, () => logged((logger) => logger.info('shipped'))),
    );
    expect(line).toMatchObject({ correlationId: 'c', traceId: 'a'.repeat(32), commandId: 'k', command: 'Ship', stream: 'order-1' });
  });

  it('has a correlation id once, if its logger carries one', () => {
    const [line = ''] = withLogContext({ correlationId: 'c' }, () => linesOf((logger) => logger.child({ correlationId: 'c' }).info('x')));
    expect(line.match(/correlationId/g)).toHaveLength(1);
  });

  it('is of bounded size, and a graph of objects ends', () => {
    const round: Record<string, unknown> = { text: 'x'.repeat(3_000_000), many: Array.from({ length: 1_000 }, (_, n) => ({ n })) };
    round.again = [round, round, round];
    const [line = ''] = linesOf((logger) => logger.info(round, 'y'.repeat(2_000_000)));
    expect(line.length).toBeLessThan(1_000_000);
    expect(JSON.parse(line)).toMatchObject({ text: expect.stringContaining('(cut: it has 3000000 characters)') });
    expect(line).toContain('(cut: it has 2000000 characters)');
  });

  it('says how many bytes there are instead of writing them', () => {
    const error = Object.assign(new Error('client error'), { rawPacket: Buffer.from('Authorization: Bearer x1') });
    const line = logged((logger) => logger.info({ err: error, bytes: Buffer.alloc(7) }));
    expect(line).toMatchObject({ bytes: '(7 bytes)' });
    expect(line.err).not.toHaveProperty('rawPacket');
  });

  it('keeps control characters escaped, so that it stays one line', () => {
    const [line = ''] = linesOf((logger) => logger.info({ text: 'a\n\u001b[2Jb' }, 'c\nd\u0000'));
    expect(
      line
        .trimEnd()
        .split('')
        .filter((character) => character < ' '),
    ).toEqual([]);
  });
});
