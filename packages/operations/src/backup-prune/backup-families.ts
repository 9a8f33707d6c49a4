/** What tells the families of backups. */
export interface Kept {
  readonly id: string;
  readonly pgbackrest?: readonly { readonly stanza: string; readonly label: string }[];
}

/**
 * Of backups that are due, those that no other needs: pgBackRest keeps in an incremental backup only what changed since the one before it, up to a
 * full one, so that an older one of such a family cannot go while a younger one stays.
 */
export function unneeded<Backup extends Kept>(due: readonly Backup[], all: readonly Backup[]): readonly Backup[] {
  const stays = all.filter((backup) => !due.includes(backup));
  return due.filter((backup) => !stays.some((other) => other.id > backup.id && areOfOneFamily(backup, other)));
}

/** A label of an incremental backup begins with that of the full one: `20261127-020000F_20261128-020000I`. */
function areOfOneFamily(one: Kept, other: Kept): boolean {
  const families = new Set(familiesOf(one));
  return familiesOf(other).some((family) => families.has(family));
}

function familiesOf({ pgbackrest = [] }: Kept): readonly string[] {
  return pgbackrest.map(({ stanza, label }) => `${stanza} ${label.split('_')[0]}`);
}
