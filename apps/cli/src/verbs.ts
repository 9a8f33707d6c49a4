import type { Command } from 'commander';

/** A verb of the command line: what lists of verbs say of it, and what it is made of. */
export interface Verb {
  readonly name: string;
  readonly description: string;
  /** Loaded when it is wanted: with the code of all verbs, and what they need, help took 1.1 s of CPU instead of 0.15. */
  readonly load: () => Promise<(program: Command) => void>;
}

/** In the order in which they are shown. */
export const verbs: readonly Verb[] = [
  {
    name: 'up',
    description: 'start PostgreSQL, the databases and all services, and keep them running until Ctrl-C',
    load: async () => (await import('./commands/up.ts')).addUp,
  },
  {
    name: 'status',
    description: 'show what runs: services, databases, projections and background work, and how they are; exit codes as of health',
    load: async () => (await import('./commands/status.ts')).addStatus,
  },
  {
    name: 'health',
    description:
      'ask every service for its health, and look at databases, projections and background work; exit code 0 healthy, 1 unhealthy, 3 degraded: all serves, but not all is as it should be',
    load: async () => (await import('./commands/health.ts')).addHealth,
  },
  {
    name: 'alerts',
    description:
      'show what is wrong, by the rules that Prometheus has too, without Prometheus; exit code 0 nothing fires, 1 something critical does, 3 warnings alone',
    load: async () => (await import('./commands/alerts.ts')).addAlerts,
  },
  {
    name: 'restart',
    description: 'stop a service in order and start it again, under the supervisor that runs here; returns when it is ready',
    load: async () => (await import('./commands/restart.ts')).addRestart,
  },
  {
    name: 'logs',
    description: 'show the logs of the services that `kiroku up` runs, of all together by time, over rotated files',
    load: async () => (await import('./commands/logs.ts')).addLogs,
  },
  {
    name: 'migrate',
    description: 'bring the three databases to the schema of this version',
    load: async () => (await import('./commands/migrate.ts')).addMigrate,
  },
  {
    name: 'db',
    description: 'look after the databases',
    load: async () => (await import('./commands/db.ts')).addDb,
  },
  {
    name: 'backup',
    description: 'keep what is needed to put the databases back',
    load: async () => (await import('./commands/backup.ts')).addBackup,
  },
  {
    name: 'restore',
    description: 'put the databases back: restored beside those in use, verified, and only then switched to',
    load: async () => (await import('./commands/restore.ts')).addRestore,
  },
  {
    name: 'privacy',
    description: 'see where something of a person may lie, and forget the person',
    load: async () => (await import('./commands/privacy.ts')).addPrivacy,
  },
  {
    name: 'doctor',
    description:
      'look for what is wrong, above all after a restore, say why it matters, and repair it; exit code 0 nothing, 1 something needs action, 3 warnings',
    load: async () => (await import('./commands/doctor.ts')).addDoctor,
  },
  {
    name: 'events',
    description: 'read, verify, export and import the event log, straight from its database',
    load: async () => (await import('./commands/events.ts')).addEvents,
  },
  {
    name: 'projection',
    description: 'look at, make, verify and steer read models',
    load: async () => (await import('./commands/projection.ts')).addProjection,
  },
  {
    name: 'replay',
    description: 'build read models as of a moment, beside the live ones; queries read them with asOf',
    load: async () => (await import('./commands/replay.ts')).addReplay,
  },
  {
    name: 'saga',
    description: 'look at and steer sagas: what is done step by step, or undone',
    load: async () => (await import('./commands/saga.ts')).addSaga,
  },
  {
    name: 'consumer',
    description: 'look at and steer outside consumers: who gets events of the log by webhook',
    load: async () => (await import('./commands/consumer.ts')).addConsumer,
  },
  {
    name: 'cache',
    description: 'look at, clear and fill what gateways keep of answers to queries, in the memory of each',
    load: async () => (await import('./commands/cache.ts')).addCache,
  },
  {
    name: 'job',
    description: 'look at and steer long operations',
    load: async () => (await import('./commands/job.ts')).addJob,
  },
  {
    name: 'audit',
    description: 'who sent which command, and what operators changed: when, why, and how it ended',
    load: async () => (await import('./commands/audit.ts')).addAudit,
  },
];
