/** Every variable under one subject, with when an operator changes it. What it is for and its default stand in the schemas. */
export const subjects = [
  {
    subject: 'Databases',
    text: 'See [databases](databases.md), and [roles](../guides/operate.md#with-a-postgresql-of-your-own) for a server of your own.',
    variables: {
      DATABASE_URL: 'for a PostgreSQL of your own, with all three databases on it',
      EVENT_STORE_DATABASE_URL: 'if the log has a server, or a user, of its own',
      COMMAND_DATABASE_URL: 'if process managers, jobs and the audit log have a server of their own',
      QUERY_DATABASE_URL: 'if read models have a server of their own',
      DATABASE_POOL_SIZE:
        'if calls [wait for a connection](../runbooks/saturation.md) while the database has time; lower it if there are too many connections',
      POSTGRES_PORT: 'if another program has the port',
    },
  },
  {
    subject: 'Secrets and personal data',
    text: 'See [security](security.md) and [personal data](../guides/personal-data.md).',
    variables: {
      KIROKU_KEY_DIR: 'to keep the keys apart from the databases; on a shared file system if there are several machines',
      SECRET_KEY_BASE: 'set it once, in production, and never again: keys that were wrapped with another one do not open',
    },
  },
  {
    subject: 'Network',
    text: 'See [security](security.md#network).',
    variables: {
      HOST: 'for IPv6: `::1`',
      TRUSTED_PROXIES: 'when a proxy on another address says who sends requests, or nobody is to be believed',
      CLIENT_SERVICE_PORT: 'if another program has the port',
      COMMAND_SERVICE_PORT: 'if another program has the port',
      QUERY_SERVICE_PORT: 'for each further instance',
      COMMAND_SERVICE_URL: 'with the port of command-service',
      QUERY_SERVICE_URL: 'with the instances of query-service: [scaling](scaling.md#several-query-services)',
      UPSTREAM_TIMEOUT_MS: 'if an answer may take longer, and whoever waits for it has the time',
      REQUEST_TIMEOUT_MS: 'if clients are slow to send what they ask',
    },
  },
  {
    subject: 'Start, stop, identity',
    variables: {
      KIROKU_DATA_DIR: 'to keep data, keys and logs elsewhere; another one for each installation on a machine',
      INSTANCE_ID: 'to recognise a process over restarts; each its own',
      SHUTDOWN_TIMEOUT_MS: 'if requests take longer than that to be finished',
      DRAIN_MS: 'behind a load balancer: longer than it takes to notice',
      KIROKU_OPERATOR: 'for whoever shares an account with others, and for cron',
    },
  },
  {
    subject: 'Logs',
    text: 'See [logs](../runbooks/logs.md).',
    variables: {
      LOG_LEVEL: 'hardly: `kiroku logs level` does it for a time, without a restart',
      LOG_CONTEXT: 'to `on`, while you look for what logs something, with Node 20 or 22; to `off` hardly ever',
      LOG_FORMAT: 'if what collects the standard output wants the other',
      LOG_FILE: 'for a service that does not run under `kiroku up`',
      LOG_FILE_MAX_MB: 'with the size of the disk: times `LOG_FILES`, for each service',
      LOG_FILES: 'with how far back you want to look',
    },
  },
  {
    subject: 'Health and alerts',
    text: 'See [monitoring](monitoring.md).',
    variables: {
      HEALTH_CHECK_TIMEOUT_MS: 'if a dependency is slow, and well all the same',
      HEALTH_CACHE_MS: 'hardly: it keeps many askers from asking the databases',
      WORK_MAX_DELAY_SECONDS: 'if work may wait for longer, or must not for as long, before it is told',
      PROJECTION_MAX_LAG_SECONDS: 'if read models may be older, or must not be as old, before it is told',
      ALERT_INTERVAL_SECONDS: 'to see alerts sooner, at 8 ms of processor time each look',
    },
  },
  {
    subject: 'Read models',
    text: 'See [read models](../guides/projections.md).',
    variables: {
      AT_LEAST_TIMEOUT_MS: 'if readers would rather wait, or rather be told `NotCaughtUp`',
      PROJECTION_LEASE_MS: 'shorter: taken over sooner after a `kill -9`; longer: if the machine stands still at times',
      REBUILD_THRESHOLD: 'if following the log from its beginning takes too long, or a job is too much for a short log',
    },
  },
  {
    subject: 'Commands, sagas and jobs',
    text: 'See [sagas](../runbooks/saga.md) and [jobs](../runbooks/job.md).',
    variables: {
      PROCESS_LEASE_MS: 'shorter: taken over sooner after a `kill -9`; longer: if the machine stands still at times',
      SAGA_RETENTION_DAYS: 'with how long you ask about what is done, and how long you may keep it',
      JOB_RETENTION_DAYS: 'with how long you ask about what is done, and how long you may keep it',
    },
  },
  {
    subject: 'Limits of GraphQL',
    variables: {
      GRAPHQL_MAX_DEPTH: 'hardly: query pages need 15',
      GRAPHQL_MAX_COST: 'higher, if a query that you want is refused; lower, if one that you do not want is slow',
      GRAPHQL_MAX_LENGTH: 'if a document that you want is refused',
    },
  },
  {
    subject: 'Traces',
    text: 'OpenTelemetry’s own variables: [traces](monitoring.md#traces).',
    variables: {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'to begin with traces',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'if traces have a collector, or a path, of their own',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'if the collector wants JSON',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'if the collector of traces wants JSON',
      OTEL_EXPORTER_OTLP_HEADERS: 'if the collector wants a key',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'if the collector of traces wants another one',
      OTEL_EXPORTER_OTLP_TIMEOUT: 'if the collector is far away',
      OTEL_TRACES_EXPORTER: '`none` leaves the endpoint as it is, and sends nothing',
      OTEL_SDK_DISABLED: 'to turn traces off at once, whatever else is set',
      OTEL_TRACES_SAMPLER: '`parentbased_traceidratio`, if all of them are too many',
      OTEL_TRACES_SAMPLER_ARG: 'with how many you want to pay for',
      OTEL_SERVICE_NAME: 'hardly: each service has its name',
      OTEL_RESOURCE_ATTRIBUTES: 'to tell installations apart',
      OTEL_BSP_SCHEDULE_DELAY: 'to see spans sooner',
      OTEL_BSP_MAX_QUEUE_SIZE: 'if `kiroku_trace_spans_total` tells of lost ones at peaks',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: 'if the collector refuses large batches',
      OTEL_BSP_EXPORT_TIMEOUT: 'with the collector’s time to answer',
    },
  },
  {
    subject: 'Payments and shipments',
    variables: {
      PAYMENT_SIMULATOR_URL: 'with where the payment service and the carrier answer',
      PAYMENT_WEBHOOK_SECRET: 'when it got into wrong hands; on both sides. `kiroku up` makes one at each start',
      PAYMENT_SIMULATOR_PORT: 'if another program has the port',
      PAYMENT_SIMULATOR_LEDGER: 'to keep what was paid elsewhere',
    },
  },
];
