import { type DatabaseName, databaseNames, rowsOf } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { DoctorCheck, Patient } from '../patient.ts';

interface Right {
  readonly kind: 'table' | 'function';
  readonly name: string;
  readonly mayRead: boolean;
  readonly mayInsert: boolean;
  readonly mayChange: boolean;
}

/** What services may write by themselves in event_store. */
const ownTables = new Set(['kiroku.snapshots', 'kiroku.event_schemas']);
/** What is only ever added to in command_db. */
const auditTables = /^kiroku\.(operator_actions|operator_outcomes|operator_chain|command_audit.*|safety_reports)$/;

/** What the role of the services may do: enough, and no more. */
export const rights: DoctorCheck = {
  name: 'rights',
  async find(patient) {
    const found = await Promise.all([powers(patient), ...databaseNames.map((database) => rightsIn(patient, database))]);
    return found.flat();
  },
};

async function powers({ pools, owner }: Patient): Promise<readonly Diagnosis[]> {
  const [role] = await rowsOf<{ superuser: boolean; makesRoles: boolean; bypassesPolicies: boolean }>(
    pools.event_store,
    'doctor/read_role',
  );
  const [connected] = await rowsOf<{ superuser: boolean; name: string }>(pools.event_store, 'doctor/read_connection');
  const found: Diagnosis[] = [];
  if (role !== undefined && (role.superuser || role.makesRoles || role.bypassesPolicies)) {
    found.push(
      diagnose('ServiceMayAlterLog', {
        where: 'role kiroku_service',
        what: 'It is a superuser, or may make roles.',
        fix: 'takes these powers away from it',
        repair: () => owner.event_store.query('alter role kiroku_service nosuperuser nocreaterole nobypassrls'),
      }),
    );
  }
  if (connected?.superuser === true) {
    const what = 'Services connect as a superuser. Give them a user that is kiroku_service: docs/operations/installation.md.';
    found.push(diagnose('ConnectedAsSuperuser', { where: `user ${connected.name}`, what }));
  }
  return found;
}

async function rightsIn({ pools, owner }: Patient, database: DatabaseName): Promise<readonly Diagnosis[]> {
  const all = await rowsOf<Right>(pools[database], 'doctor/list_rights');
  const tables = all.filter(({ kind }) => kind === 'table');
  const tooMany = tables.filter((table) => mayTooMuch(database, table)).map(({ name }) => name);
  const unread = all.filter(({ mayRead }) => !mayRead);
  const found: Diagnosis[] = [];
  const change = (statements: readonly string[]) => async () => {
    for (const each of statements) await owner[database].query(each); // names come from the catalogue, quoted as regclass writes them
  };
  if (tooMany.length > 0) {
    found.push(
      diagnose('ServiceMayAlterLog', {
        where: database,
        what: `kiroku_service may alter ${tooMany.join(', ')}, which is only ever added to.`,
        fix: 'takes these rights away from it',
        repair: change(tooMany.map((name) => revoke(database, name))),
      }),
    );
  }
  if (unread.length > 0) {
    found.push(
      diagnose('ServiceRightsMissing', {
        where: database,
        what: `kiroku_service may not read or call ${unread.map(({ name }) => name).join(', ')}.`,
        fix: 'grants it what the migrations grant it',
        repair: change(
          unread.map(({ kind, name }) =>
            kind === 'table' ? `grant select on ${name} to kiroku_service` : `grant execute on function ${name} to kiroku_service`,
          ),
        ),
      }),
    );
  }
  return found;
}

function mayTooMuch(database: DatabaseName, { name, mayInsert, mayChange }: Right): boolean {
  if (database === 'event_store') return !ownTables.has(name) && (mayInsert || mayChange);
  return database === 'command_db' && auditTables.test(name) && mayChange;
}

function revoke(database: DatabaseName, name: string): string {
  const insert = database === 'event_store' ? 'insert, ' : '';
  return `revoke ${insert}update, delete, truncate on ${name} from kiroku_service, public`;
}
