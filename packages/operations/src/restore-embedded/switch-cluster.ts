import { join } from 'node:path';
import { endServer, exchangeClusters, serverPlace } from '@kiroku/postgres';
import type { Installation } from '../config/installation.ts';
import { askSupervisor, type ExchangeRequest } from '../up/control-channel.ts';
import { lockDataDirectory, runningSupervisor } from '../up/supervisor-lock.ts';

/**
 * Puts a restored cluster in the place of the present one: by the supervisor, if one runs here, which stops what uses it and starts it again. Returns
 * whether the services run. Throws the fault that a start over it met: then the one of before is in its place again.
 */
export async function switchCluster(installation: Installation, exchange: Omit<ExchangeRequest, 'verb'>): Promise<boolean> {
  const { dataDirectory } = installation;
  const supervisor = await runningSupervisor(dataDirectory);
  if (supervisor?.control !== undefined) {
    await askSupervisor(supervisor.control, { verb: 'exchange clusters', ...exchange });
    return true;
  }
  const unlock = await lockDataDirectory(dataDirectory);
  try {
    const directory = join(dataDirectory, 'postgres');
    await endServer(directory);
    await exchangeClusters((await serverPlace(directory)).home, exchange);
    return false;
  } finally {
    await unlock();
  }
}
