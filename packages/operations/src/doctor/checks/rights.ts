import { type DatabaseName, databaseNames, rowsOf } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { FindingCode } from '../finding-codes.ts';
import { foundInEach } from '../parts-of-check.ts';
import type { DoctorCheck, Patient } from '../patient.ts';
import { functionsOf, grantOfMissing, type Right, type Role, revokeOfTooMuch } from '../role-rights.ts';

/** What the roles of the services and of maintenance may do: enough, and no more. */
export const rights: DoctorCheck = {
  name: 'rights',
  find(patient) {
    const inDatabases = databaseNames.flatMap((database) => roles.map((role) => rightsIn(patient, database, role)));
    return foundInEach([powers(patient), connection(patient), ...inDatabases]);
  },
};

const roles = ['kiroku_service', 'kiroku_maintenance'] as const;

const codes: { readonly [role in Role]: { readonly tooMuch: FindingCode; readonly missing: FindingCode } } = {
  kiroku_service: { tooMuch: 'ServiceMayAlterLog', missing: 'ServiceRightsMissing' },
  kiroku_maintenance: { tooMuch: 'MaintenanceMayAlterLog', missing: 'MaintenanceRightsMissing' },
};

interface RoleRow {
  readonly name: Role;
  readonly superuser: boolean;
  readonly makesRoles: boolean;
  readonly bypassesPolicies: boolean;
}

async function powers({ pools, owner }: Patient): Promise<readonly Diagnosis[]> {
  const found = await rowsOf<RoleRow>(pools.event_store, 'doctor/list_roles', [roles]);
  return found
    .filter(({ superuser, makesRoles, bypassesPolicies }) => superuser || makesRoles || bypassesPolicies)
    .map(({ name }) =>
      diagnose(codes[name].tooMuch, {
        where: `role ${name}`,
        what: 'It is a superuser, or may make roles.',
        fix: 'takes these powers away from it',
        repair: () => owner.event_store.query(`alter role ${name} nosuperuser nocreaterole nobypassrls`),
      }),
    );
}

async function connection({ pools }: Patient): Promise<readonly Diagnosis[]> {
  const [connected] = await rowsOf<{ superuser: boolean; name: string }>(pools.event_store, 'doctor/read_connection');
  if (connected?.superuser !== true) return [];
  const what = 'Services connect as a superuser. Give them a user that is kiroku_service: docs/guides/operate.md.';
  return [diagnose('ConnectedAsSuperuser', { where: `user ${connected.name}`, what })];
}

async function rightsIn({ pools, owner }: Patient, database: DatabaseName, role: Role): Promise<readonly Diagnosis[]> {
  const all = await rowsOf<Right>(pools[database], 'doctor/list_rights', [role, functionsOf[role]]);
  const tooMuch = changesOf(all, (right) => revokeOfTooMuch(role, database, right));
  const missing = changesOf(all, (right) => grantOfMissing(role, database, right));
  const found: Diagnosis[] = [];
  const change = (statements: readonly string[]) => async () => {
    for (const each of statements) await owner[database].query(each); // names come from the catalogue, quoted as regclass writes them
  };
  if (tooMuch.length > 0) {
    found.push(
      diagnose(codes[role].tooMuch, {
        where: database,
        what: `${role} may alter ${namesOf(tooMuch)}, which is only ever added to.`,
        fix: 'takes these rights away from it',
        repair: change(tooMuch.map(({ statement }) => statement)),
      }),
    );
  }
  if (missing.length > 0) {
    found.push(
      diagnose(codes[role].missing, {
        where: database,
        what: `${role} may not do what it has to with ${namesOf(missing)}.`,
        fix: 'grants it what the migrations grant it',
        repair: change(missing.map(({ statement }) => statement)),
      }),
    );
  }
  return found;
}

interface Change {
  readonly name: string;
  readonly statement: string;
}

function changesOf(all: readonly Right[], statementFor: (right: Right) => string | undefined): readonly Change[] {
  return all.flatMap((right) => {
    const statement = statementFor(right);
    return statement === undefined ? [] : [{ name: right.name, statement }];
  });
}

function namesOf(changes: readonly Change[]): string {
  return changes.map(({ name }) => name).join(', ');
}
