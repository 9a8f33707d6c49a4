import { clusterOf } from './cluster.ts';
import { serverPlace } from './server-place.ts';

/** The directory of the embedded server's cluster, wherever that had to be put. Throws `ConfigurationInvalid`. */
export async function embeddedCluster(directory: string): Promise<string> {
  return clusterOf((await serverPlace(directory)).home);
}
