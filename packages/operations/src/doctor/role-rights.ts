import type { DatabaseName } from '@kiroku/postgres';

/** A role that something of an installation connects as, and not as the owner. */
export type Role = 'kiroku_service' | 'kiroku_maintenance';

/** What a role may do with something of the schema kiroku. */
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

/** The functions that a role calls. */
export const functionsOf: { readonly [role in Role]: readonly string[] } = {
  kiroku_service: ['append_batch', 'append_one', 'take_turn', 'audit_commands', 'begin_batch', 'pass_over'],
  kiroku_maintenance: ['create_event_partition', 'create_idempotency_partition', 'drop_idempotency_partition', 'prune_command_audit'],
};

/** What may be written in event_store without a function. */
const writtenInLog: { readonly [role in Role]: Readonly<Record<string, readonly Privilege[]>> } = {
  kiroku_service: { 'kiroku.snapshots': all, 'kiroku.event_schemas': ['select', 'insert', 'update'] },
  kiroku_maintenance: { 'kiroku.snapshots': ['select', 'delete'] },
};
/** What is only ever added to in command_db: by operators, by services, or by functions alone. */
const operatorsAdd = /^kiroku\.(operator_actions|operator_outcomes)$/;
const servicesAdd = /^kiroku\.(operator_actions|operator_outcomes|safety_reports)$/;
/** Where the secrets are that sign what goes out: maintenance has no need of it. */
const secrets = /^kiroku\.(consumers|consumer_status)$/;
const written = /^kiroku\.(operator_chain|command_audit.*)$/;

/** What the migrations grant a role, of a table or a view. A test compares. */
function granted(role: Role, database: DatabaseName, { kind, name }: Right): readonly Privilege[] {
  if (database === 'command_db' && role === 'kiroku_maintenance' && secrets.test(name)) return [];
  if (kind === 'view' || name === 'kiroku.migrations') return ['select'];
  if (database === 'event_store') return writtenInLog[role][name] ?? ['select'];
  const adds = role === 'kiroku_service' ? servicesAdd : operatorsAdd;
  if (database === 'command_db' && adds.test(name)) return ['select', 'insert'];
  if (role === 'kiroku_maintenance') return ['select'];
  return database === 'command_db' && written.test(name) ? ['select'] : all;
}

/** What grants a role what it needs of this and lacks; `undefined` if that is nothing. */
export function grantOfMissing(role: Role, database: DatabaseName, right: Right): string | undefined {
  const { kind, name } = right;
  if (kind === 'function') return right.mayRead ? undefined : `grant execute on function ${name} to ${role}`;
  const missing = granted(role, database, right).filter((privilege) => !has(right, privilege));
  return missing.length === 0 ? undefined : `grant ${missing.join(', ')} on ${name} to ${role}`;
}

/** What takes from a role, and from everybody, what would let it alter history; `undefined` if it has nothing of it. */
export function revokeOfTooMuch(role: Role, database: DatabaseName, right: Right): string | undefined {
  const { name, kind, mayInsert, mayUpdate, mayDelete, mayTruncate } = right;
  if (kind === 'function') return undefined;
  const mayChange = mayUpdate || mayDelete || mayTruncate;
  if (database === 'event_store' && writtenInLog[role][name] === undefined && (mayInsert || mayChange))
    return `revoke insert, update, delete, truncate on ${name} from ${role}, public`;
  const isAudit = database === 'command_db' && (servicesAdd.test(name) || written.test(name));
  return isAudit && mayChange ? `revoke update, delete, truncate on ${name} from ${role}, public` : undefined;
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
