import { open } from 'node:fs/promises';

/** Makes what was created, renamed or removed in a directory durable, as far as its file system can. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync().catch((error: unknown) => {
      if (!isForNoDirectory(error)) throw error;
    });
  } finally {
    await handle.close();
  }
}

/** What those file systems say that cannot sync a directory, as of some networks and virtual machines: PostgreSQL goes on as well. */
export function isForNoDirectory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EINVAL' || error.code === 'ENOTSUP');
}
