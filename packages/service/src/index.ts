export {
  AnswerCache,
  type AnswerCacheOptions,
  type AnswerKeeper,
  type AskedAnswer,
  answerKey,
  type PositionedAnswer,
  type ReadAnswer,
} from './cache/answer-cache.ts';
export { cacheRoutes, type OperatedCache } from './cache/cache-routes.ts';
export { type Reached, ReadModelChanges, type ReadModelChangesOptions } from './cache/read-model-changes.ts';
export { versionsHeader, versionsOf } from './cache/read-versions.ts';
export type { WarmedEntity, Warmup, WarmupTurn } from './cache/warm-up.ts';
export { commandDatabaseUrl, type DatabaseUrls, databaseUrls } from './config/database-urls.ts';
export { documentSettings } from './config/document-settings.ts';
export { type ConfigFault, readConfig } from './config/read-config.ts';
export { choice, httpUrl, httpUrls, integer, optionalHttpUrls, port, type Settings, setting, urlText } from './config/setting.ts';
export {
  databaseSettings,
  embeddedSettings,
  keySettings,
  operatorSettings,
  proxySettings,
  serviceSettings,
  workSettings,
} from './config/shared-settings.ts';
export { tracingSettings } from './config/tracing-settings.ts';
export type { DependencyHealth, HealthCheck } from './health/dependency.ts';
export { Health, type HealthReport } from './health/health.ts';
export { ofItsHistory, type ReadModelLag, readableCheck, readModelCheck } from './health/read-model-health.ts';
export { type RunnerStatus, runnerCheck } from './health/runner-health.ts';
export { logQuietly } from './http/answer-line.ts';
export { answerSignal } from './http/answer-signal.ts';
export { type AppOptions, createApp } from './http/create-app.ts';
export { Deadline } from './http/deadline.ts';
export { withOpenApi, type ZodApp, zodApp } from './http/openapi.ts';
export { type Problem, problemSchema, toProblem } from './http/problem.ts';
export {
  contextHeaders,
  correlationHeader,
  correlationIdFrom,
  type RequestContext,
  type Requester,
  requestContext,
} from './http/request-context.ts';
export { originSettler } from './http/request-origin.ts';
export { serverSentEvents, type ToldValues } from './http/server-sent-events.ts';
export { FileKeyStore, type FileKeyStoreOptions } from './keys/file-key-store.ts';
export { keyStoreOptions } from './keys/key-store-options.ts';
export { syncDirectory } from './keys/sync-directory.ts';
export { createLogger, type Logger, type LoggerOptions, loggerWithin } from './logging/create-logger.ts';
export { followContexts, type LogContext, type LoggedCommand, withLogContext } from './logging/log-context.ts';
export { statusLogging } from './logging/status-logging.ts';
export { BoundedLabel } from './metrics/bounded-label.ts';
export { countLookups, tellOfCache } from './metrics/cache-metrics.ts';
export { Metrics } from './metrics/metrics.ts';
export { observedEventStore } from './metrics/observed-event-store.ts';
export { observedHandler } from './metrics/observed-handler.ts';
export { observedProcessManagers } from './metrics/observed-process-managers.ts';
export { tellOfPools } from './metrics/pool-metrics.ts';
export { tellOfReadModels } from './metrics/read-model-metrics.ts';
export { tellOfSafety } from './metrics/safety-metrics.ts';
export { tellOfWork } from './metrics/work-metrics.ts';
export { runService, type Service, type ServiceContext } from './stop/run-service.ts';
export { StopStack } from './stop/stop-stack.ts';
export { type TraceContext, traceContextOf } from './tracing/trace-context.ts';
export { tracedEventStore } from './tracing/traced-event-store.ts';
export { tracedHandler } from './tracing/traced-handler.ts';
export { tracedHttp } from './tracing/traced-http.ts';
export { tracedProcessManagers } from './tracing/traced-process-managers.ts';
export { tracedReadModels } from './tracing/traced-read-models.ts';
export type { ActiveSpan, SpanDescription, Tracing } from './tracing/tracing.ts';
