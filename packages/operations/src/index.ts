export type { JobStatus } from '@kiroku/engine';
export { type AuditedAction, auditedRun } from './audit/audited-run.ts';
export { listActions } from './audit/list-actions.ts';
export { defineConfig, type KirokuConfig, type ServiceConfig, type ServiceUrls } from './config/define-config.ts';
export { connectionUrls, type DatabaseUrls, type Installation, serviceUrls, urlsOnServer } from './config/installation.ts';
export { type OperatingStores, openOperatingStores } from './config/operating-stores.ts';
export { type Operator, systemOperator } from './config/operator.ts';
export { describeStep } from './db-maintain/describe-step.ts';
export { maintainDatabases, planDatabaseMaintenance } from './db-maintain/maintain-databases.ts';
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
export { readStats } from './events-stats/read-stats.ts';
export { type TailOptions, tailEvents } from './events-tail/tail-events.ts';
export { readHeads } from './events-verify/read-heads.ts';
export { type VerifyOptions, verifyEvents } from './events-verify/verify-events.ts';
export { describeFinding, type VerifyArguments, type VerifyReport } from './events-verify/verify-job.ts';
export { type ExportedHead, exportHead } from './head-export/export-head.ts';
export { type DependencyReport, type HealthOptions, health, type ServiceHealth } from './health/health.ts';
export { controlJobOf, type JobSteering, steerJob } from './job-control/control-job.ts';
export { planControl } from './job-control/plan-control.ts';
export { type JobFilter, listJobs } from './job-list/list-jobs.ts';
export { jobDefinitions } from './job-run/job-definitions.ts';
export { type RunJobHereOptions, runAsJob, runQueuedJob } from './job-run/run-as-job.ts';
export { showJob } from './job-show/show-job.ts';
export { migrateDatabases, migrationStatuses } from './migrate/migrate-databases.ts';
export { controlSaga, planSagaControl, type SagaSteering } from './saga-control/control-saga.ts';
export { sagaDiagram } from './saga-diagram/saga-diagram.ts';
export { listSagas } from './saga-list/list-sagas.ts';
export { showSaga } from './saga-show/show-saga.ts';
export { type SagaStats, sagaStats } from './saga-stats/saga-stats.ts';
export { type DatabaseStatus, type ServiceStatus, type Status, status } from './status/status.ts';
export type { OnProgress, UpProgress } from './up/progress.ts';
export { Supervisor, type SupervisorOptions } from './up/supervisor.ts';
