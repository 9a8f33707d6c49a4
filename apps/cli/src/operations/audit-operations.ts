import { AuditClient } from '@kiroku/client';
import {
  type AuditHead,
  type AuditListing,
  type AuditQuery,
  type AuditStores,
  type AuditVerification,
  connectionUrls,
  listAudit,
  type Operator,
  openAuditStores,
} from '@kiroku/operations';
import type { Command } from 'commander';
import { installationOf } from '../commands/global-options.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';
import type { RemoteFlag } from './operations.ts';
import { patientFetch } from './patient-fetch.ts';

/** The audit: in the databases of an installation or, through its gateway, from elsewhere. */
export interface AuditOperations extends AsyncDisposable {
  list(query: AuditQuery): Promise<AuditListing>;
  verify(earlier: readonly AuditHead[]): Promise<AuditVerification>;
  heads(): Promise<readonly AuditHead[]>;
}

/** A chain of a million entries takes its time. */
const verifyMs = 600_000;
/** Entries that the gateway gives at once. */
const mostAtOnce = 10_000;

/** Where a verb works: on the databases, or through the gateway. */
export async function auditOperationsOf(command: Command): Promise<AuditOperations> {
  const flags = command.optsWithGlobals<GlobalFlags & RemoteFlag>();
  if (flags.remote !== undefined) return throughGateway({ url: flags.remote, operator: readOperator(flags) });
  return onDatabases(openAuditStores(await connectionUrls(await installationOf(command), 'service'), 'kiroku-cli'));
}

function throughGateway(options: { readonly url: string; readonly operator: Operator }): AuditOperations {
  const client = new AuditClient(options);
  const patient = new AuditClient({ ...options, timeoutMs: verifyMs, fetch: patientFetch });
  return {
    list: async ({ limit, ...query }) =>
      (await client.listAudit({ ...(query as object), limit: Math.min(limit, mostAtOnce) })) as AuditListing, // its JSON is typed more closely here
    verify: async (earlier) => (await patient.verifyAudit(earlier)) as AuditVerification, // likewise
    heads: () => client.auditHeads(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function onDatabases(stores: AuditStores & AsyncDisposable): AuditOperations {
  return {
    list: (query) => listAudit(stores.trails, query),
    verify: (earlier) => stores.verify(earlier),
    heads: () => stores.heads(),
    [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
  };
}
