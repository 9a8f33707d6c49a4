export { ConsumersClient, type ConsumerToAdd } from './consumers-client.ts';
export type { OperationsClientOptions } from './open-client.ts';
export { OperationsClient } from './operations-client.ts';
