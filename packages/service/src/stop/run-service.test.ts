import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';

// says what it does; how it starts is asked of it
const program = `
  import { KirokuError } from '@kiroku/core';
  import { createApp, runService, serviceSettings } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
  const how = process.argv[1];
  const say = (what) => process.stdout.write('said: ' + what + '\\n');
  const starts = {
    well: async () => undefined,
    badly: async () => { throw new Error('it cannot'); },
    never: async (signal) => { say('tries ' + signal.aborted); throw new KirokuError('DatabaseUnavailable', 'It is away.'); },
    hanging: async () => undefined,
  }; // the others have nothing to start
  await runService({ name: 'tried', settings: serviceSettings }, async ({ logger, health, metrics, fail, onStop }) => {
    onStop('first', () => say('closes the first'));
    if (how === 'hanging') onStop('hanging', () => new Promise(() => undefined));
    onStop('second', () => {
      say('closes the second');
      if (how === 'failing') fail(new Error('it is too late for that'));
    });
    const app = createApp({ logger, health, metrics });
    app.addHook('onClose', () => say('listens no more'));
    process.on('message', () => {
      if (how === 'throwing') throw new Error('nobody catches it');
      fail(new Error('it may not go on'));
    });
    return { app, port: 0, portVariable: 'PORT', start: starts[how] };
  });
`;

type How = 'well' | 'badly' | 'never' | 'hanging' | 'failing' | 'throwing';

/** A service process, what it says and tells in its log, and its end. */
async function service(how: How, env: Readonly<Record<string, string>> = {}) {
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', program, how], {
    cwd: new URL('../..', import.meta.url).pathname,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const [said, told, errors]: [string[], string[], string[]] = [[], [], []];
  const exited = once(child, 'exit');
  if (child.stdout === null || child.stderr === null) throw new Error('They are pipes.');
  const lines = createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('said: ')) said.push(line.slice('said: '.length));
    else told.push((JSON.parse(line) as { readonly msg: string }).msg);
  });
  const faults = createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const read = Promise.all([lines, faults].map((each) => once(each, 'close')));
  return {
    child,
    said,
    told,
    errors,
    isReady: () => expect.poll(() => told).toContain('ready'),
    /** Its exit code. */
    end: async (): Promise<unknown> => {
      const [[code]] = await Promise.all([exited, read]);
      return code;
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

const closedInOrder = ['listens no more', 'closes the second', 'closes the first'];

describe('a service that stops', () => {
  test('on a signal closes what it has opened, the last first, and says so', async () => {
    using given = await service('well');
    await given.isReady();
    given.child.kill('SIGTERM');
    expect(await given.end()).toBe(0);
    expect(given.said).toEqual(closedInOrder);
    expect(given.told.slice(-2)).toEqual(['stopping', 'stopped']);
  });

  test('because nobody supervises it any more does the same, and drains for nobody', async () => {
    using given = await service('well', { DRAIN_MS: '60000' });
    await given.isReady();
    given.child.disconnect();
    expect(await given.end()).toBe(0);
    expect(given.said).toEqual(closedInOrder);
  });

  test('because it may not go on does the same, once, and ends as one that failed', async () => {
    using given = await service('well', { DRAIN_MS: '60000' });
    await given.isReady();
    given.child.send('fail');
    given.child.send('fail');
    expect(await given.end()).toBe(1);
    expect(given.said).toEqual(closedInOrder);
    expect(given.told).not.toContain('stopped');
  });

  test('because of a fault that nobody caught does the same, says why, and drains for nobody', async () => {
    using given = await service('throwing', { DRAIN_MS: '60000' });
    await given.isReady();
    given.child.send('throw');
    expect(await given.end()).toBe(1);
    expect(given.said).toEqual(closedInOrder);
    expect(given.told).toContain('unexpected error');
  });

  test('has stopped, whatever fails while it does', async () => {
    using given = await service('failing');
    await given.isReady();
    given.child.kill('SIGTERM');
    expect(await given.end()).toBe(0);
    expect(given.told.slice(-2)).toEqual(['unexpected error', 'stopped']);
  });

  test('while it waits for what it needs has not been ready, and has not failed', async () => {
    using given = await service('never', { DRAIN_MS: '60000' });
    await expect.poll(() => given.said).toContain('tries false');
    given.child.kill('SIGINT');
    expect(await given.end()).toBe(0);
    expect(given.said.filter((what) => !what.startsWith('tries'))).toEqual(closedInOrder);
    expect(given.told).toContain('not started yet: It is away.');
    expect(given.told).not.toContain('ready');
  });

  test('does not wait forever for what does not close', async () => {
    using given = await service('hanging', { SHUTDOWN_TIMEOUT_MS: '2000' });
    await given.isReady();
    given.child.kill('SIGTERM');
    expect(await given.end()).toBe(1);
    expect(given.said).toEqual(['listens no more', 'closes the second']);
  });
});

describe('a service that cannot start', () => {
  test('closes what it has opened, says why, and fails', async () => {
    using given = await service('badly');
    expect(await given.end()).toBe(1);
    expect(given.said).toEqual(closedInOrder);
    expect(given.told).toContain('unexpected error');
    expect(given.told).not.toContain('ready');
  });

  test('with its settings says so at once', async () => {
    using given = await service('well', { DRAIN_MS: 'soon' });
    expect(await given.end()).toBe(1);
    expect(given.errors.join('\n')).toMatch(/^ConfigurationInvalid: .*DRAIN_MS/s);
    expect(given.said).toEqual([]);
  });
});
