import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterOf } from './cluster.ts';
import { endLeftOverServer } from './left-over-server.ts';
import { serverPlace } from './server-place.ts';

/** Stops a server whose process was left behind, and removes its home. Returns whether there was one. Throws `ConfigurationInvalid`. */
export async function removeServer(directory: string): Promise<boolean> {
  const found = await stat(directory).catch(() => undefined);
  if (found === undefined) return false;
  const { home } = await serverPlace(directory);
  await endLeftOverServer(clusterOf(home));
  await rm(home.directory, { recursive: true, force: true });
  if (home.directory !== directory) await rm(directory, { recursive: true, force: true }); // a link to it
  return true;
}

/** Ends the server of a supervisor that was killed, and leaves its files. */
export async function endServer(directory: string): Promise<boolean> {
  return endLeftOverServer(join((await serverPlace(directory)).home.directory, 'cluster'));
}
