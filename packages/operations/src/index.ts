export { type JobStatus, positionOf } from '@kiroku/engine';
export type { AuditFinding, AuditHead, AuditVerification, ListedInstance, Moment, RowDifference, ShownInstance } from '@kiroku/postgres';
export { PostgresFigures } from '@kiroku/postgres';
export { AlertEvaluation, type MetricsAnswer } from './alerts/alert-evaluation.ts';
export { type Alert, type AlertReport, type WatchedService, worstFiring } from './alerts/alert-report.ts';
export type { AlertState } from './alerts/alert-states.ts';
export { AlertWatch, type AlertWatchOptions } from './alerts/alert-watch.ts';
export { sampleAlerts } from './alerts/sample-alerts.ts';
export { type AuditStores, openAuditStores } from './audit/audit-stores.ts';
export { type AuditedAction, auditedRun } from './audit/audited-run.ts';
export { describeAuditFinding } from './audit/describe-audit-finding.ts';
export { type ActionChoice, actionFilter } from './audit/list-actions.ts';
export { type AuditEntry, type AuditListing, type AuditQuery, auditOutcomes, listAudit, type MissingTrail } from './audit/list-audit.ts';
export { readAuditHeadsFile } from './audit/read-audit-heads-file.ts';
export { type ContinuousStatus, continuousStatus } from './backup-continuous/continuous-status.ts';
export { type ContinuousSwitch, disableContinuous, enableContinuous } from './backup-continuous/switch-continuous.ts';
export type { BackupProgress } from './backup-create/back-up.ts';
export { type CreateBackupOptions, createBackup } from './backup-create/create-backup.ts';
export { giveWay } from './backup-create/give-way.ts';
export { type BackupPlan, planBackup } from './backup-create/plan-backup.ts';
export { keepKeys } from './backup-keys/keep-keys.ts';
export { type BackupList, type ListedBackup, listBackups } from './backup-list/list-backups.ts';
export type { PrunePlan } from './backup-prune/plan-prune.ts';
export { type PruneOptions, planBackupPrune, pruneBackups } from './backup-prune/prune-backups.ts';
export { type BackupTimetable, backupTimetable } from './backup-schedule/backup-schedule.ts';
export { showBackup } from './backup-show/show-backup.ts';
export type { BackupVerification } from './backup-verify/verification.ts';
export { type BackupsVerified, verifyBackups } from './backup-verify/verify-backups.ts';
export { type ClearedCache, clearCaches } from './cache-clear/clear-caches.ts';
export { type CacheFigures, cacheAddresses, type ProcessCache, readCaches, requireCached } from './cache-stats/read-caches.ts';
export { type CacheWarmup, requireWarmable, type WarmedCache, warmUpCaches } from './cache-warmup/warm-up-caches.ts';
export type { ApplicationModule } from './config/application-module.ts';
export type { BackupSettings } from './config/backup-settings.ts';
export { defineConfig, type KirokuConfig, type ServiceConfig, type ServiceUrls } from './config/define-config.ts';
export {
  connectionUrls,
  type DatabaseUrls,
  type Installation,
  serviceAddresses,
  serviceUrls,
  urlsOnServer,
} from './config/installation.ts';
export { openProjectionStores } from './config/open-projection-stores.ts';
export { type OperatingStores, openOperatingStores } from './config/operating-stores.ts';
export { type Operator, systemOperator } from './config/operator.ts';
export type { ProjectionSources, ProjectionStores } from './config/projection-stores.ts';
export { openSagaStores, type SagaStores } from './config/saga-stores.ts';
export { type AddedConsumer, addConsumer, type ConsumerPlan, planConsumer } from './consumers/add-consumer.ts';
export {
  pauseConsumer,
  planRewind,
  type RewindPlan,
  type RotatedSecret,
  removeConsumer,
  rewindConsumer,
  rotateSecret,
} from './consumers/change-consumer.ts';
export type { ConsumerOrder, ConsumerStart } from './consumers/check-consumer.ts';
export {
  type ConsumerState,
  type ConsumerStatus,
  consumerNeedsAttention,
  listConsumers,
  type ShownConsumer,
  showConsumer,
} from './consumers/consumer-status.ts';
export type { ConsumerStores } from './consumers/consumer-stores.ts';
export {
  type DeadLetterChoice,
  type LetterFilter,
  listDeadLetters,
  mostLetters,
  planDeadLetters,
  settleDeadLetters,
} from './consumers/dead-letters.ts';
export { openConsumerStores } from './consumers/open-consumer-stores.ts';
export { describeStep } from './db-maintain/describe-step.ts';
export { maintainDatabases, planDatabaseMaintenance } from './db-maintain/maintain-databases.ts';
export { doctorOf } from './doctor/doctor-of.ts';
export type { DoctorFinding } from './doctor/finding.ts';
export { type FindingCode, findingCodes, type Severity } from './doctor/finding-codes.ts';
export type { DoctorOptions } from './doctor/patient.ts';
export { type DoctorReport, type DoctorRun, runDoctor, type TreatedFinding } from './doctor/run-doctor.ts';
export { openServiceDoctor, type ServiceDoctor, type ServiceDoctorReport } from './doctor/service-doctor.ts';
export { type ExportOptions, type ExportProgress, type ExportSummary, exportEvents } from './events-export/export-events.ts';
export { type Output, outputFile, outputStream } from './events-export/output-file.ts';
export {
  type ImportOptions,
  type ImportProgress,
  type ImportReport,
  type ImportTarget,
  importEvents,
} from './events-import/import-events.ts';
export { openImportTarget } from './events-import/open-import-target.ts';
export { listEventSchemas } from './events-schemas/list-event-schemas.ts';
export type { CauseNode, CommandNode, EventNode } from './events-show/cause-tree.ts';
export { openEventLog } from './events-show/open-event-log.ts';
export { type EventLog, type ShownEvents, showEvents } from './events-show/show-events.ts';
export { revealStateOfStream, type StateOfStream, stateOfStream } from './events-state/state-of-stream.ts';
export { openStreamStores, type StreamStores } from './events-state/stream-stores.ts';
export { readStats } from './events-stats/read-stats.ts';
export { type TailOptions, tailEvents } from './events-tail/tail-events.ts';
export { commandTypesOf, undeclaredIn, undeclaredName } from './events-tail/undeclared.ts';
export { readHeads } from './events-verify/read-heads.ts';
export { type VerifyOptions, verifyEvents } from './events-verify/verify-events.ts';
export { describeFinding, describeLeftHead, type VerifyArguments, type VerifyReport } from './events-verify/verify-job.ts';
export { type ExportedHead, exportHead } from './head-export/export-head.ts';
export { type HealthOptions, health, untilHealthy } from './health/health.ts';
export type { HealthReport, OverallHealth, UnseenPart } from './health/health-report.ts';
export { isFaultyWork, type WorkLimits, type WorkState, type WorkStatus } from './health/judge-work.ts';
export { type HealthSources, lookAtHealth } from './health/look-at-health.ts';
export { type DependencyReport, type ServiceHealth, unreachable } from './health/service-health.ts';
export { sharedLook } from './health/shared-look.ts';
export { toldReasons } from './health/told-reasons.ts';
export { WorkWatch, type WorkWatchOptions } from './health/work-watch.ts';
export { controlJobOf, type JobSteering, type SteeringStores, steerJob } from './job-control/control-job.ts';
export { planControl } from './job-control/plan-control.ts';
export { type JobFilter, jobChoice, listJobs } from './job-list/list-jobs.ts';
export { foundWrong } from './job-run/found-wrong.ts';
export { type JobDefinitionsOptions, jobDefinitions, providedCode } from './job-run/job-definitions.ts';
export { type RunJobHereOptions, runQueuedJob } from './job-run/run-as-job.ts';
export { type LinesToShow, type ShownJob, showJob, shownJob } from './job-show/show-job.ts';
export { actionPlace, jobPlace, letterPlace, momentPlace, parkedPlace, sagaPlace } from './list-places/list-places.ts';
export { type EntryLevel, entryLevels, fieldsOf, type LogEntry, type LogFields } from './logs/log-entry.ts';
export { type LogFilter, logFilter, logServices, type ReadableForm } from './logs/log-filter.ts';
export { hasLog } from './logs/log-source.ts';
export { type ReadLogsOptions, readLogs } from './logs/read-logs.ts';
export {
  changeLogLevels,
  type LogLevelChange,
  logLevels,
  type ProcessLogLevel,
  readLogLevels,
} from './logs-level/log-levels.ts';
export { migrateDatabases, migrationStatuses } from './migrate/migrate-databases.ts';
export { disableOnServers, enableOnServers, type ServerContinuousStatus, statusOfServers } from './pgbackrest/continuous-on-servers.ts';
export type { EnabledPgBackRest } from './pgbackrest/enable-pgbackrest.ts';
export { faultsInPgBackRest } from './pgbackrest/expire-backup.ts';
export { forgetSubject, requireReason } from './privacy-forget/forget-subject.ts';
export { planForget } from './privacy-forget/plan-forget.ts';
export { isRebuild, type Place, toRebuild } from './privacy-show/place.ts';
export { type PrivacyOptions, type PrivacyReport, showPrivacy } from './privacy-show/show-privacy.ts';
export { namedProcesses, type ServiceAddress } from './processes/ask-processes.ts';
export type { BuildUnderWay } from './projection-list/build-under-way.ts';
export {
  isFaulty,
  listProjections,
  needsAttention,
  type ProjectionStatus,
} from './projection-list/list-projections.ts';
export type { Lag } from './projection-list/projection-lag.ts';
export type { ProjectionState } from './projection-list/projection-state.ts';
export { readModelLag } from './projection-list/read-model-lag.ts';
export { arePilingUp } from './projection-list/spare-builds.ts';
export { listParkedKeys, type ParkedFilter } from './projection-parked/list-parked-keys.ts';
export { parkedReference } from './projection-parked/parked-reference.ts';
export { type ParkedChoice, type ParkedVerb, planParked } from './projection-parked/plan-parked.ts';
export { type SettledKey, settleParkedKeys } from './projection-parked/settle-parked-keys.ts';
export { pauseProjections } from './projection-pause/pause-projections.ts';
export { type PausedVersion, type Pausing, planPause } from './projection-pause/plan-pause.ts';
export { NewVersions, type NewVersionsOptions } from './projection-rebuild/new-versions.ts';
export { openRebuildStores, type RebuildStores } from './projection-rebuild/open-rebuild-stores.ts';
export { chosenProjections, planRebuild, type RebuildChoice, type RebuildPlan } from './projection-rebuild/plan-rebuild.ts';
export type { RebuildArguments, RebuildReport, RebuiltProjection } from './projection-rebuild/rebuild-arguments.ts';
export { queueRebuild, rebuildProjections } from './projection-rebuild/rebuild-projections.ts';
export { planRetire, type RetireChoice, type RetirePlan, retireBuilds } from './projection-retire/retire-builds.ts';
export { planRollback } from './projection-rollback/plan-rollback.ts';
export { showProjection } from './projection-show/show-projection.ts';
export type { ShownBuild, ShownProjection, ShownVersion } from './projection-show/shown-projection.ts';
export { planSwitch, type SwitchChoice, type SwitchPlan, switchProjection } from './projection-switch/switch-projection.ts';
export type { ProjectionVerifyArguments } from './projection-verify/projection-verify-job.ts';
export { queueProjectionVerify, verifiable, verifyProjections } from './projection-verify/verify-projections.ts';
export {
  describeRowFinding,
  describeUnfoldable,
  type ProjectionVerifyReport,
  type VerifiedProjection,
} from './projection-verify/verify-report.ts';
export { type DiffChoice, diffMoments, type TableDifference } from './replay/diff-moments.ts';
export { dropMoment, requireMoment } from './replay/drop-moment.ts';
export { firstOfTables } from './replay/first-of-tables.ts';
export { listMoments, type MomentFilter } from './replay/list-moments.ts';
export { planReplay, type ReplayChoice, type ReplayPlan } from './replay/plan-replay.ts';
export { queueReplay, type ReplayOptions, replay } from './replay/replay.ts';
export { type ReplayReport, replayJob } from './replay/replay-job.ts';
export { type OpenReplay, openReplayStores, type ReplayStores } from './replay/replay-stores.ts';
export { planRestart, type RestartPlan, type RestartWanted, restartService } from './restart/restart-service.ts';
export { type Restorable, restorableRange } from './restore/choose-backup.ts';
export { listRestorable, planRestore, type RestorePlan } from './restore/plan-restore.ts';
export { restore } from './restore/restore.ts';
export type { RestoreOptions, RestoreProgress } from './restore/restore-options.ts';
export type { RestoreReport, RestoreSummary } from './restore/restore-report.ts';
export { describeWanted, type RestoreWanted } from './restore/restore-wanted.ts';
export { type DrillOptions, drill } from './restore-drill/drill.ts';
export type { DrillReport } from './restore-drill/drill-report.ts';
export { type RestoreClusterOptions, restoreCluster } from './restore-embedded/restore-cluster.ts';
export {
  type KeysRestored,
  planRestoreKeys,
  type RestoreKeysOptions,
  restoreKeys,
} from './restore-keys/restore-keys.ts';
export { controlSaga, planSagaControl, type SagaSteering } from './saga-control/control-saga.ts';
export { sagaDiagram } from './saga-diagram/saga-diagram.ts';
export { listSagas, type SagaFilter } from './saga-list/list-sagas.ts';
export { showSaga } from './saga-show/show-saga.ts';
export { type SagaStats, sagaStats } from './saga-stats/saga-stats.ts';
export { type DatabaseStatus, isFaultyDatabase } from './status/database-statuses.ts';
export type { SafetyStatus } from './status/safety-status.ts';
export { type ServiceStatus, type Status, status } from './status/status.ts';
export type { Restarted } from './up/control-channel.ts';
export type { OnProgress, UpProgress } from './up/progress.ts';
export { Supervisor, type SupervisorOptions } from './up/supervisor.ts';
