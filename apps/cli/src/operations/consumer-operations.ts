import { ConsumersClient } from '@kiroku/client';
import type { DeadLetter } from '@kiroku/core';
import {
  type AddedConsumer,
  addConsumer,
  type ConsumerOrder,
  type ConsumerPlan,
  type ConsumerStatus,
  type ConsumerStores,
  connectionUrls,
  type DeadLetterChoice,
  type Installation,
  type LetterFilter,
  listConsumers,
  listDeadLetters,
  openConsumerStores,
  pauseConsumer,
  planConsumer,
  type RotatedSecret,
  removeConsumer,
  rewindConsumer,
  rotateSecret,
  type ShownConsumer,
  settleDeadLetters,
  showConsumer,
} from '@kiroku/operations';
import type { Command } from 'commander';
import { installationOf } from '../commands/global-options.ts';
import { keysOf } from '../installation/keys-of.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';
import type { RemoteFlag } from './operations.ts';

/** The verbs on outside consumers: on the databases of an installation or, through its gateway, from elsewhere. */
export interface ConsumerOperations {
  listConsumers(): Promise<readonly ConsumerStatus[]>;
  showConsumer(name: string): Promise<ShownConsumer>;
  planConsumer(order: ConsumerOrder): Promise<ConsumerPlan>;
  addConsumer(order: ConsumerOrder): Promise<AddedConsumer>;
  pauseConsumer(name: string, paused: boolean): Promise<ConsumerStatus>;
  rewindConsumer(name: string, to: number): Promise<ConsumerStatus>;
  rotateSecret(name: string, overlapHours?: number): Promise<RotatedSecret>;
  removeConsumer(name: string): Promise<ConsumerStatus>;
  listDeadLetters(filter: LetterFilter): Promise<readonly DeadLetter[]>;
  settleDeadLetters(choice: DeadLetterChoice): Promise<readonly DeadLetter[]>;
}

/** Where a verb works: on the databases, or through the gateway. */
export async function consumerOperationsOf(command: Command): Promise<ConsumerOperations> {
  const flags = command.optsWithGlobals<GlobalFlags & RemoteFlag>();
  if (flags.remote !== undefined) return new ConsumersClient({ url: flags.remote, operator: readOperator(flags) });
  return onDatabases(await installationOf(command));
}

function onDatabases(installation: Installation): ConsumerOperations {
  const { operator } = installation;
  const using = <T>(use: (stores: ConsumerStores) => Promise<T>) => withStores(installation, use);
  return {
    listConsumers: () => using(listConsumers),
    showConsumer: (name) => using((stores) => showConsumer(stores, name)),
    planConsumer: (order) => using((stores) => planConsumer(stores, order)),
    addConsumer: (order) => using((stores) => addConsumer(stores, { order, operator })),
    pauseConsumer: (name, paused) => using((stores) => pauseConsumer(stores, { name, paused, operator })),
    rewindConsumer: (name, to) => using((stores) => rewindConsumer(stores, { name, to, operator })),
    rotateSecret: (name, overlapHours) =>
      using((stores) => rotateSecret(stores, { name, operator, ...(overlapHours !== undefined && { overlapHours }) })),
    removeConsumer: (name) => using((stores) => removeConsumer(stores, { name, operator })),
    listDeadLetters: (filter) => using((stores) => listDeadLetters(stores, filter)),
    settleDeadLetters: (choice) => using((stores) => settleDeadLetters(stores, { ...choice, operator })),
  };
}

async function withStores<T>(installation: Installation, use: (stores: ConsumerStores) => Promise<T>): Promise<T> {
  const { application } = installation.config;
  const databases = await connectionUrls(installation, 'service');
  await using stores = openConsumerStores(databases, { application, keys: keysOf(installation), applicationName: 'kiroku-cli' });
  return await use(stores);
}
