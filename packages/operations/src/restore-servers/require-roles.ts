import { KirokuError } from '@kiroku/core';
import { ensureRoles } from '@kiroku/postgres';

/** A dump grants to the platform's roles; on a new server they have to be there first. Throws `ConfigurationInvalid` if they may not be made. */
export async function requireRoles(url: string): Promise<void> {
  try {
    await ensureRoles(url);
  } catch (cause) {
    throw new KirokuError(
      'ConfigurationInvalid',
      `The roles of the platform are not on ${new URL(url).host} and could not be made (${cause instanceof Error ? cause.message : String(cause)}). Restore with a superuser's URL.`,
      { cause },
    );
  }
}
