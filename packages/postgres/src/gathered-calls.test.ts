import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { GatheredCalls } from './gathered-calls.ts';

/** A database that answers when it is told to. */
function subject() {
  const statements: { readonly calls: readonly string[]; readonly answer: (fault?: Error) => void }[] = [];
  const gathered = new GatheredCalls(
    (calls: readonly string[]) =>
      new Promise<readonly string[]>((resolve, reject) => {
        const answer = (fault?: Error): void => (fault === undefined ? resolve(calls.map((call) => `${call}!`)) : reject(fault));
        statements.push({ calls, answer });
      }),
  );
  const turn = async (): Promise<void> => {
    for (let turns = 0; turns < 2; turns += 1) await setImmediate(); // what is answered in one goes on in the next
  };
  return { gathered, statements, turn };
}

test('what is called in the same turn goes together, and each gets its own answer', async () => {
  const { gathered, statements, turn } = subject();
  const answers = [gathered.call('a'), gathered.call('b')];
  await turn();
  expect(statements.map(({ calls }) => calls)).toEqual([['a', 'b']]);
  statements[0]?.answer();
  expect(await Promise.all(answers)).toEqual(['a!', 'b!']);
});

test('what is called by others within the turn of the event loop goes together, too', async () => {
  const { gathered, statements, turn } = subject();
  process.nextTick(() => void gathered.call('b'));
  void gathered.call('a');
  await Promise.resolve().then(() => Promise.resolve());
  void gathered.call('c');
  await turn();
  expect(statements.map(({ calls }) => calls.toSorted())).toEqual([['a', 'b', 'c']]);
});

test('what comes while two are on their way goes together when one is answered', async () => {
  const { gathered, statements, turn } = subject();
  for (const call of ['a', 'b', 'c', 'd']) {
    gathered.call(call).catch(() => undefined);
    await turn();
  }
  expect(statements.map(({ calls }) => calls)).toEqual([['a'], ['b']]);
  statements[0]?.answer();
  await turn();
  expect(statements[2]?.calls).toEqual(['c', 'd']);
});

test('a fault is told to all who share it, and the next goes on', async () => {
  const { gathered, statements, turn } = subject();
  const answers = [gathered.call('a'), gathered.call('b')];
  await turn();
  statements[0]?.answer(new Error('away'));
  for (const each of answers) await expect(each).rejects.toThrow('away');
  const next = gathered.call('c');
  await turn();
  statements[1]?.answer();
  expect(await next).toBe('c!');
});
