import { type ChainHead, createPool, readChainHead } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';

export type ExportedHead = ChainHead & { readonly exportedAt: string };

/** The head of the log, to be kept where nobody who can change the database can change it. */
export async function exportHead(installation: Installation, now: () => Date = () => new Date()): Promise<ExportedHead> {
  const url = (await connectionUrls(installation, 'service')).event_store;
  await using pool = createPool({ url, applicationName: 'kiroku-cli', max: 1 });
  return { ...(await readChainHead(pool)), exportedAt: now().toISOString() };
}
