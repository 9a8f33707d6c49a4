export { OperationsClient, type OperationsClientOptions } from './operations-client.ts';
