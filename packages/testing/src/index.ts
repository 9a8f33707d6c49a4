export { anySchema } from './any-schema.ts';
export { commandAuditContract, sampleCommand } from './contracts/command-audit-contract.ts';
export { consumerStoreContract, sampleConsumer } from './contracts/consumer-store-contract.ts';
export { eventStoreContract } from './contracts/event-store-contract.ts';
export { jobStoreContract } from './contracts/job-store-contract.ts';
export { type KeyStoreUnderTest, keyStoreContract } from './contracts/key-store-contract.ts';
export { ledgerMoves, recordedAs } from './contracts/ledger-moves.ts';
export type { MakeEventStore } from './contracts/make-event-store.ts';
export { operatorAuditContract } from './contracts/operator-audit-contract.ts';
export { processManagerStoreContract } from './contracts/process-manager-store-contract.ts';
export type { ProcessManagerStoreUnderTest } from './contracts/process-manager-store-samples.ts';
export { type ReadModelBuildsUnderTest, readModelBuildsContract } from './contracts/read-model-builds-contract.ts';
export type { ReadModelStoreUnderTest } from './contracts/read-model-samples.ts';
export { readModelStoreContract } from './contracts/read-model-store-contract.ts';
export { counting, tally, tallyEffects } from './contracts/sample-process-manager.ts';
export { foldOneByOne, ledger, ledgerEvents } from './contracts/sample-projection.ts';
export { type SchemaRegistryUnderTest, schemaRegistryContract } from './contracts/schema-registry-contract.ts';
export { type SnapshotStoreUnderTest, snapshotStoreContract } from './contracts/snapshot-store-contract.ts';
export { type Fails, withFaults } from './faults/with-faults.ts';
export type { Decided } from './given-when-then/decide-command.ts';
export { type ExpectedFaults, type ExpectedRejection, invalid, nothing, rejected } from './given-when-then/expectation.ts';
export { on, type Past, recordPast, scenarioId, scenarioTime } from './given-when-then/past.ts';
export {
  type Accepted,
  acceptance,
  type Fired,
  type ProcessInput,
  type Refusal,
  refusal,
  timer,
} from './given-when-then/process-inputs.ts';
export { type ExpectedReaction, processScenario } from './given-when-then/process-scenario.ts';
export { foldLog, projectionScenario } from './given-when-then/projection-scenario.ts';
export { scenario } from './given-when-then/scenario.ts';
export { type Instance, World } from './given-when-then/world.ts';
export { InMemoryCommandAudit } from './in-memory-command-audit.ts';
export { InMemoryConsumerStore } from './in-memory-consumer-store.ts';
export { InMemoryEventStore } from './in-memory-event-store.ts';
export { InMemoryJobStore } from './in-memory-job-store.ts';
export { InMemoryKeyStore } from './in-memory-key-store.ts';
export { InMemoryOperatorAudit } from './in-memory-operator-audit.ts';
export { InMemoryProcessManagerStore } from './in-memory-process-manager-store.ts';
export { InMemoryReadModelStore } from './in-memory-read-model-store.ts';
export { InMemorySchemaRegistry } from './in-memory-schema-registry.ts';
export { InMemorySnapshotStore } from './in-memory-snapshot-store.ts';
export { booking, fare, seat, trip, tripEffects } from './sagas/sample-saga.ts';
export { sampleManifest } from './sample-manifest.ts';
export { type TestServer, type TestServerOptions, testServer } from './test-server.ts';
export { type ThrowAwayDatabase, throwAwayDatabase } from './throw-away-database.ts';
