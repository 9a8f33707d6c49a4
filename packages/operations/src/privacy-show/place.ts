/** Where something of a subject may lie in the clear, or its key, and what deals with it. */
export interface Place {
  readonly kind: 'read model' | 'moment' | 'parked keys' | 'process manager' | 'consumer' | 'findings' | 'audit log' | 'backups';
  readonly where: string;
  /** What there is, for people. */
  readonly holds: string;
  /** In this order. None: nothing that one could call deals with it, and `holds` says what becomes of it. */
  readonly commands: readonly string[];
  /** ISO 8601: until when it is kept; the commands are for then. */
  readonly until?: string;
  /** Backups one by one. */
  readonly backups?: readonly { readonly id: string; readonly keys: boolean; readonly until: string }[];
}

const rebuild = 'kiroku projection rebuild ';

export function rebuildCommand(name: string): string {
  return `${rebuild}${name}`;
}

/** Whether it makes read models anew. */
export function isRebuild(command: string): boolean {
  return command.startsWith(rebuild);
}

/** Names of the read models that are to be made anew. */
export function toRebuild(places: readonly Pick<Place, 'commands'>[]): readonly string[] {
  const all = new Set(places.flatMap(({ commands }) => commands));
  return [...all].flatMap((command) => (isRebuild(command) ? [command.slice(rebuild.length)] : []));
}

/** What to call now, in order and each once: jobs under way are cancelled first, and all read models are made anew in one reading of the log. */
export function commandsOf(places: readonly Place[]): readonly string[] {
  const now = places.filter(({ until }) => until === undefined);
  const all = [...new Set(now.flatMap(({ commands }) => commands))];
  const names = toRebuild(now);
  const others = all.filter((command) => !isRebuild(command) && !isFirst(command));
  return [...all.filter(isFirst), ...(names.length > 0 ? [rebuildCommand(names.join(' '))] : []), ...others];
}

/** What is quickly done, and what the others would be refused for, or make worse. */
function isFirst(command: string): boolean {
  return /^kiroku (job cancel|backup keys)/.test(command);
}
