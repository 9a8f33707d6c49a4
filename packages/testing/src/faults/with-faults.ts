import { KirokuError } from '@kiroku/core';

/** Should this call fail? `before`: nothing was done; `after`: it was done, and the answer got lost. */
export type Fails = (method: string, when: 'before' | 'after') => boolean;

/** A port of which some methods, all of which return promises, fail as `fails` says, with `DatabaseUnavailable`. */
export function withFaults<T extends object>(target: T, methods: readonly (keyof T & string)[], fails: Fails): T {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const call = (args: unknown[]): unknown => Reflect.apply(member, target, args); // on the target: a proxy has no #private fields
      const method = methods.find((each) => each === name);
      return method === undefined
        ? (...args: unknown[]) => call(args)
        : (...args: unknown[]) => faulty(method, fails, async () => call(args));
    },
  });
}

async function faulty(method: string, fails: Fails, call: () => Promise<unknown>): Promise<unknown> {
  if (fails(method, 'before')) throw lost(`${method} was not carried out`);
  const result = await call();
  if (fails(method, 'after')) throw lost(`the answer to ${method} got lost`);
  return result;
}

function lost(what: string): KirokuError {
  return new KirokuError('DatabaseUnavailable', `Injected fault: ${what}.`);
}
