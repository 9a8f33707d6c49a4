export {
  type Aggregate,
  type AggregateDefinition,
  type Decide,
  type Decision,
  type DefinedAggregate,
  defineAggregate,
  targetStream,
} from './aggregate.ts';
export { type Application, defineApplication } from './application.ts';
export type { CacheStats } from './cache-stats.ts';
export {
  appendLimits,
  type CheckedAppend,
  type CheckedEvent,
  type CheckedStreamAppend,
  checkAppend,
} from './checked-append.ts';
export { checkQuery, checkReadLog, checkReadStream, checkTime } from './checked-reading.ts';
export { type CloudEvent, cloudEventScheme, toCloudEvent } from './cloud-event.ts';
export { type Command, type CommandDefinition, type CommandDefinitions, type CommandOf, type ContextOf, command } from './command.ts';
export { anyRow, type Dependency, rowsListedBy, rowsWithKeys } from './dependency.ts';
export { type ErrorCode, type ErrorDetails, errorKinds, isKirokuError, KirokuError } from './errors.ts';
export type { DomainEvent, EventMetadata, NewEvent, RecordedEvent } from './event.ts';
export {
  defineEvents,
  type EventDefinition,
  type EventDefinitions,
  type EventOf,
  type RecordedEventOf,
  toNewEvent,
  type Upcaster,
  upcast,
} from './event-definition.ts';
export { type EventQuery, type EventQueryItem, matches } from './event-query.ts';
export { inexactNumber } from './inexact-number.ts';
export { type ControlledJob, controlJob, type JobControl } from './job-control.ts';
export type { JsonArray, JsonObject, JsonValue } from './json.ts';
export { jsonFault } from './json-fault.ts';
export { isOfHistory, type LogFork, type LogHistory, type LogPlace, sharedUntil } from './log-history.ts';
export type { FieldPath, PersonalFields } from './personal-fields.ts';
export { personalNames } from './personal-names.ts';
export {
  type AuditedCommand,
  type AuditedOutcome,
  type AuditFilter,
  type AuditTrail,
  type CommandAudit,
  type CommandFacts,
  commandOutcomes,
  type TrailPage,
  type UnrecordedCommand,
  type UnrecordedOutcome,
  unrecordedOutcomes,
} from './ports/command-audit.ts';
export type {
  Consumer,
  ConsumerDefinition,
  ConsumerLease,
  ConsumerStore,
  DeadLetter,
  DeliveryFault,
  DeliveryTerms,
  DueMessage,
  KeptMessage,
  LetterPlace,
  MessageFailure,
  NewConsumer,
  SealedSecrets,
  SettledMessages,
} from './ports/consumer-store.ts';
export type {
  AppendRequest,
  AppendResult,
  AppendTicket,
  ConsistencyCondition,
  EventStore,
  ExpectedVersion,
  Idempotency,
  LogFilter,
  LogHead,
  LogIdentity,
  LogPage,
  LogPart,
  ReadLogOptions,
  ReadStreamOptions,
  StreamAppend,
  SubscribeOptions,
} from './ports/event-store.ts';
export type {
  Job,
  JobChoice,
  JobClaim,
  JobClaimant,
  JobLease,
  JobLine,
  JobOutcome,
  JobPlace,
  JobProgress,
  JobReport,
  JobRequest,
  JobState,
  JobStore,
  NewJob,
} from './ports/job-store.ts';
export type { JudgesKeyFiles, KeyFileText, KeyFileVerdict } from './ports/key-files.ts';
export type { DatesForgetting, KeyStore } from './ports/key-store.ts';
export type { ActionFilter, ActionOutcome, ActionPlace, OperatorAction, OperatorAudit, RecordedAction } from './ports/operator-audit.ts';
export type { ParkedAddress, ParkedKeyStore, ParkedOutcome, ParkedQueue, SettleParked } from './ports/parked-keys.ts';
export type {
  ClaimedCommand,
  Claiming,
  CommandOutcome,
  DueTimer,
  InstanceStatus,
  OutgoingCommand,
  ProcessChanges,
  ProcessInstance,
  ProcessLease,
  ProcessManagerStore,
  ProcessPartition,
  ProcessStep,
  Settlement,
  StoredInstances,
  TimerSetting,
} from './ports/process-manager-store.ts';
export type {
  BuildName,
  BuildState,
  BuildStatus,
  KeptProgress,
  LoadedRows,
  OwnedBuild,
  ParkedKey,
  ParkedPlace,
  ReadModelBuilds,
  RowsAtCheckpoint,
  RowsToLoad,
  VersionStatus,
} from './ports/read-model-builds.ts';
export type { ReadModelNews } from './ports/read-model-news.ts';
export {
  type ActiveBuild,
  type Attendance,
  type FoldedBatch,
  type ParkedEvent,
  type ParkingFault,
  type PartitionCheckpoint,
  type PartitionLease,
  type ProjectionBatch,
  partitionOf,
  type ReadModel,
  type ReadModelAdvance,
  type ReadModelStore,
  type RowChanges,
  rowKeyText,
  type StoredRows,
  toldChanges,
} from './ports/read-model-store.ts';
export type { EventSchema, RegisteredSchema, SchemaRegistry } from './ports/schema-registry.ts';
export { type HeldPartition, type PartitionPlan, sharePartitions } from './ports/share-partitions.ts';
export type { Snapshot, SnapshotKey, SnapshotStore } from './ports/snapshot-store.ts';
export type {
  ArchiveFigures,
  FollowerLag,
  FollowerPosition,
  LogFigures,
  ProjectionFigures,
  ReadModelFigures,
  SafetyAge,
  SafetyFigures,
  StoredFigures,
  WaitingWork,
  WorkFigures,
} from './ports/stored-figures.ts';
export { type LogPosition, laterPosition, parsePositionToken, positionToken } from './position-token.ts';
export {
  type Acceptance,
  defineProcessManager,
  type FiredTimer,
  type OperatorReactions,
  type ProcessManager,
  type ProcessManagerDefinition,
  type Reaction,
  type Send,
  type Sending,
  type TimerChange,
} from './process-manager.ts';
export { defineSaga } from './process-manager-saga/define-saga.ts';
export { diagramOf } from './process-manager-saga/diagram-of.ts';
export type {
  EventTable,
  SagaDefinition,
  SagaRetry,
  SagaStep,
  SagaUndo,
  SendContext,
  StepFailure,
} from './process-manager-saga/saga-definition.ts';
export type { Part, Parts, SagaState } from './process-manager-saga/saga-state.ts';
export type { ProcessOutline, StepOutline, UndoOutline } from './process-outline.ts';
export {
  type ColumnSpec,
  type Columns,
  type ColumnType,
  defineProjection,
  defineSqlProjection,
  type FoldProjection,
  type KeyOf,
  type Projection,
  type Row,
  type RowFold,
  type RowKey,
  type RowOf,
  type RowsOf,
  type SqlProjection,
  type SqlProjectionDefinition,
  type SqlRunner,
  type Table,
  type TableDefinition,
} from './projection.ts';
export { type Fold, type Read, type Reads, type ReadValues, readAggregate, readEvents } from './read.ts';
export { isRejection, type Rejection, reject } from './rejection.ts';
export { check, jsonSchemaOf, type OutputOf, type Schema, type SchemaIssue } from './schema.ts';
export { isSecretName, withoutPasswords } from './secrets.ts';
export type { SnapshotPlan, SnapshotPolicy } from './snapshot.ts';
export type { Evolve, StateDefinition, StateIdentity } from './state.ts';
export { categoryOf, idOf, parseStreamName, type StreamName, streamName } from './stream.ts';
