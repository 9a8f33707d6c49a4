export type { AppendQueueOptions } from './append/append-queue.ts';
export { AcceptedCommands } from './audit/accepted-commands.ts';
export { ActionTrail } from './audit/action-trail.ts';
export { type AuditChain, auditChains } from './audit/audit-chain.ts';
export type { AuditFinding, AuditHead } from './audit/audit-finding.ts';
export { type AuditPruning, planAuditMaintenance, pruneCommandAudit } from './audit/maintain-command-audit.ts';
export { PostgresCommandAudit } from './audit/postgres-command-audit.ts';
export { PostgresOperatorAudit } from './audit/postgres-operator-audit.ts';
export { type AuditVerification, readAuditHeads, verifyAudit } from './audit/verify-audit.ts';
export type { BackgroundWork, ConsumerWork, OpenJob, ProcessManagerWork } from './background-work/background-work.ts';
export { type BackgroundWorkOptions, PostgresBackgroundWork } from './background-work/postgres-background-work.ts';
export { PostgresConsumerStore } from './consumers/postgres-consumer-store.ts';
export { DatabaseDump, type DumpOptions } from './dump/dump-database.ts';
export { createNeighbour, databaseIn, dropNeighbour, dropUnusedNeighbours, neighbour } from './dump/neighbour-databases.ts';
export { type RestoreDumpOptions, restoreDump } from './dump/restore-dump.ts';
export { type DatabaseSwitch, letIn, switchDatabases } from './dump/switch-databases.ts';
export type { Archiving } from './embedded/archiving.ts';
export { embeddedCluster } from './embedded/embedded-cluster.ts';
export { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded/embedded-postgres.ts';
export { type Exchange, exchangeClusters } from './embedded/exchange-clusters.ts';
export { freePort } from './embedded/free-port.ts';
export { commandLine, isAlive, processStart } from './embedded/process-table.ts';
export { endServer, removeServer } from './embedded/remove-server.ts';
export { type ServerPlace, serverPlace } from './embedded/server-place.ts';
export { syncFiles, syncPaths } from './embedded/sync-files.ts';
export { toKirokuError } from './errors.ts';
export { PostgresEventStore, type PostgresEventStoreOptions } from './event-store/postgres-event-store.ts';
export { PostgresFigures } from './figures/postgres-figures.ts';
export { findCommandPosition } from './find-events/find-command-position.ts';
export { findCorrelatedEvents } from './find-events/find-correlated-events.ts';
export { findEventsAt, type StoredEvent } from './find-events/find-events-at.ts';
export { findKnownIds } from './find-events/find-known-ids.ts';
export { findLastInCategories, type LastInCategories } from './find-events/find-last-in-categories.ts';
export { findLastOfTypes, type LastOfTypes } from './find-events/find-last-of-types.ts';
export { findLastOfTypesIn, type LastOfTypesIn } from './find-events/find-last-of-types-in.ts';
export { findSentCommands, type SentCommand } from './find-events/find-sent-commands.ts';
export { PostgresJobStore } from './jobs/postgres-job-store.ts';
export type { Breakdown, Figure } from './log-stats/breakdown.ts';
export { type LogStats, type LogStatsOptions, readLogStats, type TableSize } from './log-stats/read-log-stats.ts';
export { type DatabaseName, databaseNames } from './migrate/database-name.ts';
export { type MigrateOptions, migrate } from './migrate/migrate.ts';
export type { Migration } from './migrate/migration-files.ts';
export { type MigrationStatus, migrationStatus } from './migrate/migration-status.ts';
export type { AppliedMigration } from './migrate/plan-migrations.ts';
export { requireMigrated } from './migrate/require-migrated.ts';
export type { ComparedSide, MomentComparison } from './moments/compare-moments.ts';
export type { RowDifference } from './moments/compare-tables.ts';
export type { Moment, MomentBuild, MomentPage, MomentPlace, MomentProjection, MomentRun, MomentTarget } from './moments/moment.ts';
export { momentSchema } from './moments/moment-schema.ts';
export { type BuiltMoment, PostgresMoments, unknownMoment } from './moments/postgres-moments.ts';
export {
  type MaintainOptions,
  type Maintenance,
  maintainEventStore,
  planEventStoreMaintenance,
} from './partitions/maintain-event-store.ts';
export type { MaintenanceStep } from './partitions/plan-maintenance.ts';
export { countPartitionsAhead } from './partitions/read-partition-state.ts';
export { PgBackRest, type PgBackRestOptions, type PgBackRestRestore } from './pgbackrest/pgbackrest.ts';
export type { PgBackRestBackup, PgBackRestState } from './pgbackrest/pgbackrest-info.ts';
export { type PgBackRestConfig, type PgBackRestRepository, renderPgBackRestConfig, type Stanza } from './pgbackrest/render-config.ts';
export { RestoredServer, type RestoredServerOptions } from './pgbackrest/restored-server.ts';
export { BaseBackup, systemIdentifierOf } from './physical-backup/base-backup.ts';
export { clusterBytes } from './physical-backup/cluster-entries.ts';
export { databaseBytes } from './physical-backup/database-bytes.ts';
export { tarOf } from './physical-backup/tar-of-files.ts';
export { unpackTar } from './physical-backup/unpack-tar.ts';
export { parseLsn, parseSegment, segmentAt, segmentBefore, segmentName, type WalSegment } from './physical-backup/wal-name.ts';
export { createPool, type Pool, type PoolOptions } from './pool.ts';
export { databaseClock } from './probe/database-clock.ts';
export { DatabaseProbe, type DatabaseProbeOptions } from './probe/database-probe.ts';
export { PostgresProcessManagerStore } from './process-managers/postgres-process-manager-store.ts';
export {
  countForPeople,
  findInstances,
  type InstanceFilter,
  type InstancePlace,
  type InstanceToShow,
  type ListedInstance,
  listInstances,
  type ProcessManagerStats,
  readProcessManagerStats,
  type ShownInstance,
} from './process-managers/read-instances.ts';
export { type Credentials, ensureCredentials, readCredentials } from './provision/credentials.ts';
export { databaseUrl, userUrl } from './provision/database-url.ts';
export { ensureRoles } from './provision/ensure-roles.ts';
export { provision } from './provision/provision.ts';
export { findEventPosition } from './read/find-event-position.ts';
export { PostgresReadModelBuilds } from './read-model-builds/postgres-read-model-builds.ts';
export { type ReadModelTableSize, readTableSizes } from './read-model-sizes/read-table-sizes.ts';
export { PostgresReadModelStore } from './read-models/postgres-read-model-store.ts';
export { type QueriedRows, queryReadModel, type ReadModelQuery } from './read-models/query-read-model.ts';
export { requireDeclaredTables } from './read-models/require-declared-tables.ts';
export { projectionSchema } from './read-models/table-sql.ts';
export { findCommit, type LogCommit } from './recovery/find-commit.ts';
export { recoverCluster } from './recovery/recover-cluster.ts';
export type { RecoveryTarget } from './recovery/recovery-target.ts';
export type { WalSource } from './recovery/wal-feed.ts';
export { rowsOf } from './rows-of.ts';
export { type ArchiveState, archiveState } from './safety/archive-state.ts';
export { PostgresSafetyReports } from './safety/postgres-safety-reports.ts';
export type { LatestReports, SafetyKind, SafetyReport } from './safety/safety-report.ts';
export { PostgresSchemaRegistry } from './schema-registry/postgres-schema-registry.ts';
export { alterSystem } from './server-tools/alter-system.ts';
export { findTool, type ToolName } from './server-tools/find-tool.ts';
export { type LocalFacts, readServerFacts, type ServerFacts } from './server-tools/server-facts.ts';
export { SharedConnections } from './shared-connections.ts';
export { PostgresSnapshotStore } from './snapshots/postgres-snapshot-store.ts';
export { type Statement, statement } from './statement.ts';
export type { LogRestore } from './timelines/log-restore.ts';
export { type RaiseTimelineOptions, raiseTimeline } from './timelines/raise-timeline.ts';
export { type RecordedHistory, readLogHistory } from './timelines/read-log-history.ts';
export { inTransaction } from './transaction.ts';
export { type ChainHead, findStrayEvents, readChainHead } from './verify/chain-head.ts';
export { compareWithHeads, type HeadComparison, type LeftHead } from './verify/compare-with-heads.ts';
export type { Finding, FindingKind } from './verify/finding.ts';
export { type VerificationRange, verificationRange } from './verify/verification-range.ts';
export { type VerifiedPage, type VerifyLogOptions, verifyLog } from './verify/verify-log.ts';
export { handOverWal } from './wal-archive/hand-over.ts';
export { type ArchiverState, archiverState, sampleWal, type WalSample } from './wal-archive/sample-wal.ts';
