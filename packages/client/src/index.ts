export { AuditClient } from './audit-client.ts';
export { CachesClient, type CacheToWarmUp } from './caches-client.ts';
export { ConsumersClient, type ConsumerToAdd } from './consumers-client.ts';
export { LogLevelsClient, type LogLevelToSet } from './log-levels-client.ts';
export { MomentsClient, type MomentToBuild } from './moments-client.ts';
export type { OperationsClientOptions } from './open-client.ts';
export { OperationsClient } from './operations-client.ts';
export { SagasClient, type SagaToShow, type SagaToSteer } from './sagas-client.ts';
export { type StateToFold, StreamsClient } from './streams-client.ts';
