import { noKeys, type VerifyBuildOptions, verifyBuild } from './verify-build.ts';

/** The keys of the rows that are not what their events make of them, by table. */
export async function findInconsistentKeys(
  options: Omit<VerifyBuildOptions, 'onFinding'>,
): Promise<{ readonly [table: string]: Set<string> }> {
  const keys = noKeys(options.model);
  await verifyBuild({ ...options, onFinding: ({ table, keyText, key }) => keys[table]?.set(keyText, key) });
  return Object.fromEntries(Object.entries(keys).map(([table, found]) => [table, new Set(found.keys())]));
}
