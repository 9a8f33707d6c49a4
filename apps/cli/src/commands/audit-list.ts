import {
  type AuditEntry,
  type AuditListing,
  type AuditQuery,
  auditOutcomes,
  commandTypesOf,
  type MissingTrail,
  undeclaredName,
} from '@kiroku/operations';
import { type Command, Option } from 'commander';
import { type AuditOperations, auditOperationsOf } from '../operations/audit-operations.ts';
import { type RemoteFlag, remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { auditColumns, formatAuditRow, formatExtent, formatMissing } from '../output/format-audit.ts';
import { print, printError, printJson, printTable } from '../output/print.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';
import { moment } from './moments.ts';
import { wholeNumber } from './numbers.ts';

interface ListFlags extends RemoteFlag {
  readonly commands?: boolean;
  readonly operators?: boolean;
  readonly user?: string;
  readonly type?: string;
  readonly stream?: string;
  readonly verb?: string;
  readonly outcome?: string;
  readonly correlation?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly json?: boolean;
}

/** What `kiroku audit` does without another verb: as a command of its own, because commander gives options that both have to the outer one. */
export function addAuditList(audit: Command): void {
  audit
    .command('list', { isDefault: true })
    .description(
      'show commands and what operators changed, latest first; `list` may be left out; exit code 3 if a database is away, so that a part is missing',
    )
    .addOption(new Option('--commands', 'only commands').conflicts(['operators', 'verb']))
    .addOption(new Option('--operators', 'only what operators changed').conflicts(['type', 'stream']))
    .option('--user <name>', 'only of this user or operator, e.g. ada@build-1')
    .option('--type <type>', 'only commands of this type, e.g. PlaceOrder')
    .option('--stream <name>', 'only commands on this stream, e.g. order-0193…')
    .option('--verb <verb>', 'only this verb of an operator, e.g. migrate or "job cancel"')
    .addOption(new Option('--outcome <outcome>', 'only with this outcome').choices(auditOutcomes))
    .option('--correlation <id>', 'only with this correlation id')
    .option(
      '--since <when>',
      'not before: 7d, 2026-11-24, 2026-11-24T10:00:00Z (default: 24h, unless it is about operators alone)',
      (text) => moment(text),
    )
    .option('--until <when>', 'not after', (text) => moment(text))
    .option('--limit <n>', 'entries at most', wholeNumber(1), 50)
    .option('--cursor <cursor>', 'go on where a listing before ended')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array; a part that is missing is an entry of the kind `missing`')
    .action(async ({ json = false, ...flags }: ListFlags, command: Command) => {
      await using operations = await auditOperationsOf(command);
      const listing = await collect(operations, queryOf(flags));
      const { missing = [] } = listing;
      if (missing.length > 0) process.exitCode = exitCodes.degraded;
      if (json) printJson([...listing.entries, ...missing.map((each) => ({ kind: 'missing', ...each }))]);
      else printListing(listing);
      if (json && listing.cursor !== undefined) printError(formatExtent(listing));
      for (const each of missing) printError(formatMissing(each));
      const { type, remote } = flags;
      if (listing.entries.length === 0 && type !== undefined && remote === undefined) await tellOfUnknownType(type, command);
    });
}

/** Only of what was not found: the log may have commands that this code declares no more. */
async function tellOfUnknownType(type: string, command: Command): Promise<void> {
  const { config } = await installationOf(command);
  const fault = undeclaredName('command', type, commandTypesOf(config.application));
  if (fault !== undefined) printError(fault);
}

function queryOf({ commands, operators, correlation, ...flags }: Omit<ListFlags, 'json'>): AuditQuery {
  const { user, type, stream, verb, outcome, since, until, limit, cursor } = flags;
  const kind = commands ? 'command' : operators ? 'operator' : undefined;
  const given = { kind, user, type, stream, verb, outcome, correlationId: correlation, since, until, cursor };
  return { limit, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

/** Looks further back, part by part, until there are enough; ^C ends it with what was found. */
async function collect(operations: AuditOperations, query: AuditQuery): Promise<AuditListing> {
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit() });
  try {
    const entries: AuditEntry[] = [];
    const missing = new Map<string, MissingTrail>();
    let looked = 0;
    for (let { cursor } = query; ; ) {
      const part = await operations.list({ ...query, limit: query.limit - entries.length, cursor });
      entries.push(...part.entries);
      looked += part.looked;
      for (const each of part.missing ?? []) missing.set(each.trail, each);
      if (part.cursor === undefined || entries.length >= query.limit || stopped.signal.aborted)
        return { ...part, entries, looked, missing: [...missing.values()] };
      cursor = part.cursor;
    }
  } finally {
    release();
  }
}

function printListing(listing: AuditListing): void {
  const { entries } = listing;
  if (entries.length === 0) print('There is nothing like that in the audit log.');
  else printTable(auditColumns, entries.map(formatAuditRow));
  print();
  print(formatExtent(listing));
}
