/** `error`: it needs action; `warning`: it will; `info`: good to know. */
export type Severity = 'error' | 'warning' | 'info';

interface FindingKind {
  readonly severity: Severity;
  /** Why it matters. */
  readonly why: string;
}

/** What the doctor can find. docs/runbooks/doctor.md has a section for each. */
export const findingCodes = {
  CheckFailed: { severity: 'error', why: 'What could not be looked at may be wrong.' },
  MigrationsPending: { severity: 'error', why: 'Services of this release do not start over an older schema.' },
  ReadModelOfEarlierTimeline: {
    severity: 'error',
    why: 'Nobody follows the log for it until it is said that its positions are of the present history; they are.',
  },
  ReadModelOfLostHistory: { severity: 'error', why: 'Its rows show events that the log does not have.' },
  BuildsPileUp: { severity: 'warning', why: 'Every event is folded into each of them, and each takes the room of a read model.' },
  ProcessManagerOfEarlierTimeline: {
    severity: 'error',
    why: 'It does not go on until it is said that its positions are of the present history; they are.',
  },
  ProcessManagerOfLostHistory: {
    severity: 'error',
    why: 'It has taken in events that the log does not have, and would pass over those that take their places.',
  },
  ProcessManagerOfAnotherLog: {
    severity: 'error',
    why: 'Its instances and commands belong to another log: these databases do not belong together.',
  },
  ConsumerOfEarlierTimeline: {
    severity: 'error',
    why: 'It gets nothing until it is said that its position is of the present history; it is.',
  },
  ConsumerOfLostHistory: {
    severity: 'error',
    why: 'It was sent events that the log does not have, and would miss those that take their places.',
  },
  ConsumerOfAnotherLog: { severity: 'error', why: 'Where it goes on in this log is not known.' },
  MomentOfEarlierTimeline: { severity: 'warning', why: 'Queries as of this moment are answered with MomentNotBuilt.' },
  MomentOfLostHistory: { severity: 'warning', why: 'It shows what was true in a history that was left; nobody can ask for it.' },
  JobOfEarlierTimeline: {
    severity: 'warning',
    why: 'It was begun before the log was restored, and goes on from where it was in another history.',
  },
  SnapshotAhead: {
    severity: 'warning',
    why: 'It is a state with events that the log does not have. It is not used, but takes room and time.',
  },
  WorkWithoutInstance: { severity: 'error', why: 'It would be sent, or fire, for a saga that does not exist.' },
  PartitionsMissing: { severity: 'error', why: 'Appends are refused when the present partition is full.' },
  ServiceMayAlterLog: { severity: 'error', why: 'Whoever takes over a service could rewrite history.' },
  ServiceRightsMissing: { severity: 'error', why: 'Services fail at what they may not do.' },
  MaintenanceMayAlterLog: { severity: 'error', why: 'Whoever gets hold of the URL that keeps partitions could rewrite history.' },
  MaintenanceRightsMissing: {
    severity: 'error',
    why: 'Partitions are not made in time: appends are refused when the present one is full.',
  },
  ConnectedAsSuperuser: { severity: 'warning', why: 'A service with all powers can do, by a defect or for an intruder, what nobody may.' },
  NotDurable: { severity: 'error', why: 'What was acknowledged is lost, or the database destroyed, when the machine or the server dies.' },
  LessDurable: { severity: 'warning', why: 'What was acknowledged last may be lost when the server dies.' },
  NoChecksums: { severity: 'warning', why: 'Pages that a disk has damaged are read as if they were right.' },
  NoArchive: {
    severity: 'info',
    why: 'What was written since the last backup is lost with the disk: only a backup’s own moment can be restored.',
  },
  TimingOff: { severity: 'info', why: 'Nobody can tell how long reads and writes of the disk take.' },
  StatementsNotCounted: { severity: 'info', why: 'Nobody can tell which statements take the time.' },
  ClockSkew: { severity: 'warning', why: 'Times of logs and of events cannot be compared, and signatures of webhooks may be refused.' },
  LogInFuture: { severity: 'warning', why: 'Events are recorded at the time of the last until the clock has caught up: times say less.' },
  DiskFull: { severity: 'error', why: 'When it is full, nothing can be stored, and PostgreSQL stops.' },
  DiskFilling: { severity: 'warning', why: 'When it is full, nothing can be stored, and PostgreSQL stops.' },
  ArchiveFailing: {
    severity: 'error',
    why: 'What is written now cannot be restored, and the log of the server piles up until the disk is full.',
  },
  ArchiveBehind: { severity: 'warning', why: 'What was written since cannot be restored if the disk is lost.' },
  LeaseOrphaned: { severity: 'info', why: 'A process went without a word. Others take over by themselves as soon as one runs.' },
  KeysDamaged: { severity: 'error', why: 'Whose key does not open cannot be read, and read models stop before their events.' },
  KeysMissing: { severity: 'error', why: 'Personal data of these subjects cannot be read; without their keys it is gone.' },
} as const satisfies { readonly [code: string]: FindingKind };

export type FindingCode = keyof typeof findingCodes;
