import { expect, it, vi } from 'vitest';
import { StopStack } from './stop-stack.ts';

it('what was opened last is closed first, and one that fails does not keep the others open', async () => {
  const closed: string[] = [];
  const logger = { error: vi.fn(), debug: vi.fn() };
  const stack = new StopStack(logger);
  stack.push('pool', () => void closed.push('pool'));
  stack.push('runner', () => Promise.reject(new Error('stuck')));
  stack.push('server', () => void closed.push('server'));
  await stack.close();
  expect(closed).toEqual(['server', 'pool']);
  expect(logger.debug.mock.calls.map(([{ part }]) => part)).toEqual(['server', 'pool']);
  expect(logger.error).toHaveBeenCalledWith(expect.objectContaining({ part: 'runner' }), expect.any(String));
});

it('nothing is closed twice', async () => {
  const stack = new StopStack({ error: vi.fn(), debug: vi.fn() });
  const close = vi.fn();
  stack.push('pool', close);
  await Promise.all([stack.close(), stack.close()]);
  expect(close).toHaveBeenCalledOnce();
});
