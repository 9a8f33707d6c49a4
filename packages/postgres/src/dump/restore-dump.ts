import { findTool } from '../server-tools/find-tool.ts';
import { feedTool } from '../server-tools/run-tool.ts';
import { toolConnection } from '../server-tools/tool-connection.ts';

export interface RestoreDumpOptions {
  /** Of an empty database, as superuser. The roles of the platform must be there. */
  readonly url: string;
  /** Of the server. */
  readonly major: number;
  readonly signal?: AbortSignal;
}

/** Fills a database from a dump; the first fault ends it. Throws `ToolMissing`, `ToolFailed`, and what reading the dump throws. */
export async function restoreDump(content: AsyncIterable<Uint8Array>, { url, major, signal }: RestoreDumpOptions): Promise<void> {
  const file = await findTool('pg_restore', major);
  const { uri, env } = toolConnection(url);
  const args = ['--exit-on-error', '--no-password', '-d', uri];
  await feedTool({ file, args, env, ...(signal !== undefined && { signal }) }, content);
}
