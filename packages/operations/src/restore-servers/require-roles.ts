import { KirokuError } from '@kiroku/core';
import { ensureRoles } from '@kiroku/postgres';

/** A dump grants to the platform's roles; on a new server they have to be there first. Throws `ConfigurationInvalid` if they may not be made. */
export async function requireRoles(url: string): Promise<void> {
  try {
    await ensureRoles(url);
  } catch (cause) {
    throw new KirokuError(
      'ConfigurationInvalid',
      `The role ${new URL(url).username} may not make the platform's roles on ${new URL(url).host}, or not act as them, so nothing can be restored there. Restore with a superuser's URL. (${cause instanceof Error ? cause.message : String(cause)})`,
      { cause },
    );
  }
}
