import type { DatabaseName } from '@kiroku/postgres';

/** What the role of the services may do with something of the schema kiroku. */
export interface Right {
  readonly kind: 'table' | 'view' | 'function';
  /** As `regclass` and `regprocedure` write it. */
  readonly name: string;
  /** Or call. */
  readonly mayRead: boolean;
  readonly mayInsert: boolean;
  readonly mayUpdate: boolean;
  readonly mayDelete: boolean;
  readonly mayTruncate: boolean;
}

type Privilege = 'select' | 'insert' | 'update' | 'delete';

const all: readonly Privilege[] = ['select', 'insert', 'update', 'delete'];

/** What services may write by themselves in event_store. */
const ownTables: Readonly<Record<string, readonly Privilege[]>> = {
  'kiroku.snapshots': all,
  'kiroku.event_schemas': ['select', 'insert', 'update'],
};
/** What is only ever added to in command_db: by services, or by functions alone. */
const addedTo = /^kiroku\.(operator_actions|operator_outcomes|safety_reports)$/;
const written = /^kiroku\.(operator_chain|command_audit.*)$/;

/** What the migrations grant the services, of a table or a view. A test compares. */
function granted(database: DatabaseName, { kind, name }: Right): readonly Privilege[] {
  if (kind === 'view' || name === 'kiroku.migrations') return ['select'];
  if (database === 'event_store') return ownTables[name] ?? ['select'];
  if (database === 'command_db' && addedTo.test(name)) return ['select', 'insert'];
  return database === 'command_db' && written.test(name) ? ['select'] : all;
}

/** What grants the services what they need of this and lack; `undefined` if that is nothing. */
export function grantOfMissing(database: DatabaseName, right: Right): string | undefined {
  const { kind, name } = right;
  if (kind === 'function') return right.mayRead ? undefined : `grant execute on function ${name} to kiroku_service`;
  const missing = granted(database, right).filter((privilege) => !has(right, privilege));
  return missing.length === 0 ? undefined : `grant ${missing.join(', ')} on ${name} to kiroku_service`;
}

/** What takes from them, and from everybody, what would let them alter history; `undefined` if they have nothing of it. */
export function revokeOfTooMuch(database: DatabaseName, right: Right): string | undefined {
  const { name, kind, mayInsert, mayUpdate, mayDelete, mayTruncate } = right;
  if (kind === 'function') return undefined;
  const mayChange = mayUpdate || mayDelete || mayTruncate;
  if (database === 'event_store' && ownTables[name] === undefined && (mayInsert || mayChange))
    return `revoke insert, update, delete, truncate on ${name} from kiroku_service, public`;
  const isAudit = database === 'command_db' && (addedTo.test(name) || written.test(name));
  return isAudit && mayChange ? `revoke update, delete, truncate on ${name} from kiroku_service, public` : undefined;
}

function has(right: Right, privilege: Privilege): boolean {
  switch (privilege) {
    case 'select':
      return right.mayRead;
    case 'insert':
      return right.mayInsert;
    case 'update':
      return right.mayUpdate;
    case 'delete':
      return right.mayDelete;
  }
}
