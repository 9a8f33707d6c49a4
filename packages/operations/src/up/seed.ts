import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Installation, serviceUrls } from '../config/installation.ts';
import type { OnProgress } from './progress.ts';

/** Seeds a new data directory once. A seed that fails is told and tried again at the next start: the services work without it. */
export async function seedOnce(
  installation: Installation,
  { onProgress, signal }: { readonly onProgress: OnProgress; readonly signal: AbortSignal },
): Promise<void> {
  const { config, dataDirectory } = installation;
  if (config.seed === undefined || (await exists(markerIn(dataDirectory)))) return;
  onProgress({ kind: 'step', text: 'Adding sample data' });
  try {
    await config.seed(serviceUrls(installation));
    await markSeeded(dataDirectory);
  } catch (error) {
    if (signal.aborted) return; // it lost its services because we are stopping
    const reason = error instanceof Error ? error.message : String(error);
    onProgress({ kind: 'notice', text: `The sample data could not be added: ${reason} It is tried again at the next start.` });
  }
}

/** Whatever a data directory holds from now on is no place for sample data: it has them, or has been restored. */
export async function markSeeded(dataDirectory: string): Promise<void> {
  await writeFile(markerIn(dataDirectory), `${JSON.stringify({ seededAt: new Date().toISOString() })}\n`);
}

const markerIn = (dataDirectory: string) => join(dataDirectory, 'seeded.json');

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
