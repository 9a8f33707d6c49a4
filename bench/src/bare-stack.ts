import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The peer of the shop's reads: a gateway and a query server of the same libraries, over the shop's own tables, that do nothing besides. */
export interface BareStack extends Disposable {
  readonly url: string;
}

export async function startBareStack(queryDb: string): Promise<BareStack> {
  const query = await started('bare-query', queryDb);
  const gateway = await started('bare-gateway', query.url);
  return {
    url: gateway.url,
    [Symbol.dispose]: () => {
      for (const { child } of [gateway, query]) child.kill();
    },
  };
}

async function started(name: string, argument: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = fork(fileURLToPath(new URL(`${name}.js`, import.meta.url)), [argument]);
  const [{ port }] = (await once(child, 'message')) as [AddressInfo]; // what it sends
  return { child, url: `http://127.0.0.1:${port}` };
}
