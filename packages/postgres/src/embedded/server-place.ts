import { join } from 'node:path';
import { type Account, serverAccount } from './account.ts';
import { findBinaries } from './binaries.ts';
import { type Home, prepareHome } from './home.ts';

/** Where a server's files are in the end, and whose they are: `undefined` if ours. */
export interface ServerPlace {
  readonly home: Home;
  readonly account: Account | undefined;
}

/** Finds the place, and creates it. Throws `ConfigurationInvalid`. */
export async function serverPlace(directory: string): Promise<ServerPlace> {
  const account = await serverAccount(join(directory, 'cluster'));
  return { account, home: await prepareHome(directory, await findBinaries(), account) };
}
