import { type DatabaseName, databaseNames, rowsOf } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { DoctorCheck, Patient } from '../patient.ts';
import { grantOfMissing, type Right, revokeOfTooMuch } from '../service-rights.ts';

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
  const tooMuch = changesOf(all, (right) => revokeOfTooMuch(database, right));
  const missing = changesOf(all, (right) => grantOfMissing(database, right));
  const found: Diagnosis[] = [];
  const change = (statements: readonly string[]) => async () => {
    for (const each of statements) await owner[database].query(each); // names come from the catalogue, quoted as regclass writes them
  };
  if (tooMuch.length > 0) {
    found.push(
      diagnose('ServiceMayAlterLog', {
        where: database,
        what: `kiroku_service may alter ${namesOf(tooMuch)}, which is only ever added to.`,
        fix: 'takes these rights away from it',
        repair: change(tooMuch.map(({ statement }) => statement)),
      }),
    );
  }
  if (missing.length > 0) {
    found.push(
      diagnose('ServiceRightsMissing', {
        where: database,
        what: `kiroku_service may not do what it has to with ${namesOf(missing)}.`,
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
