import { defineProcessManager, KirokuError, type ProcessChanges, type ProcessInstance, type ProcessManager } from '@kiroku/core';
import { type OperatorAct, reactToOperator, type SagaControl } from '@kiroku/engine';
import type { ShownInstance } from '@kiroku/postgres';
import { recordedRun } from '../audit/audited-run.ts';
import type { Operator } from '../config/operator.ts';
import type { SagaStores } from '../config/saga-stores.ts';
import { showSaga } from '../saga-show/show-saga.ts';

export interface SagaSteering {
  readonly id: string;
  readonly control: SagaControl;
  /** Needed if several process managers have an instance of this id. */
  readonly processManager?: string;
  readonly operator: Operator;
}

/** What a control would lead to, in lines for people. Throws `NotFound` or `SagaNotSteerable`. */
export async function planSagaControl(stores: SagaStores, steering: SagaSteering): Promise<readonly string[]> {
  const { saga, act, declared } = await steered(stores, steering);
  const { commands, instances } = reactToOperator(declared, instanceOf(saga), act);
  const parked = steering.control === 'retry' ? parkedOf(saga) : [];
  const lines = [
    ...commands.map(({ type }) => `It sends ${type}.`),
    ...parked.map(({ type }) => `Its parked ${type} is delivered again.`),
    ...instances.filter(({ status }) => status !== saga.status).map(({ status }) => `It is ${saga.status}, and then ${status}.`),
  ];
  return lines.length === 0 ? ['There is nothing to do.'] : lines;
}

/**
 * Retries, compensates or closes a saga, and records who did. Throws `NotFound`, `SagaNotSteerable` (also if there is nothing to retry), and `BadRequest`
 * if none says why it is closed.
 */
export async function controlSaga(stores: SagaStores, steering: SagaSteering): Promise<ShownInstance> {
  const { control, operator } = steering;
  if (control === 'close' && operator.reason === undefined)
    throw new KirokuError('BadRequest', 'Closing a saga undoes nothing, so it needs a --reason.');
  const { saga, act, declared } = await steered(stores, steering);
  const { id, processManager, status } = saga;
  return recordedRun(stores.audit, operator, {
    verb: `saga ${control}`,
    arguments: { id, processManager },
    before: async () => ({ status, failure: saga.failure }),
    run: async ({ correlationId }) => {
      await stores.store.intervene({
        processManager,
        instance: id,
        react: (instance, retried) => {
          const changes = reactToOperator(declared, instance, { ...act, id: correlationId });
          if (control === 'retry') requireSomething(instance, changes, retried); // what was parked may be settled or forgotten since
          return changes;
        },
        retryParked: control === 'retry',
      });
      return showSaga(stores, { id, processManager });
    },
    after: (changed) => ({ status: changed.status }),
  });
}

async function steered(
  stores: SagaStores,
  { id, control, processManager, operator }: SagaSteering,
): Promise<{ readonly saga: ShownInstance; readonly act: OperatorAct; readonly declared: ProcessManager }> {
  const saga = await showSaga(stores, { id, ...(processManager !== undefined && { processManager }) });
  const known = stores.application.processManagers.find(({ name }) => name === saga.processManager);
  const declared = known ?? (control === 'close' ? undeclared(saga.processManager) : undefined);
  if (declared === undefined) {
    throw new KirokuError(
      'DefinitionInvalid',
      `The application does not declare the process manager "${saga.processManager}". Use the code that does; or close the saga, which undoes nothing.`,
    );
  }
  const act = { control, operator: operator.name, reason: operator.reason ?? 'by an operator', id: saga.id };
  if (control === 'retry') requireSomething(saga, reactToOperator(declared, instanceOf(saga), act), parkedOf(saga).length);
  return { saga, declared, act };
}

/** Closing needs nothing of a definition. */
function undeclared(name: string): ProcessManager {
  return defineProcessManager({ name, events: {}, commands: {}, initialState: {}, on: {} });
}

function requireSomething(
  { id, status }: Pick<ProcessInstance, 'id' | 'status'>,
  { commands, instances }: ProcessChanges,
  parked: number,
): void {
  if (commands.length + instances.length + parked > 0) return;
  const why = status === 'done' ? 'it has ended' : 'nothing of it is parked or stuck, and what is under way is tried again by itself';
  throw new KirokuError('SagaNotSteerable', `Saga ${id} stays as it is: ${why}, so there is nothing to retry.`, { details: { id } });
}

function parkedOf({ commands }: ShownInstance): ShownInstance['commands'] {
  return commands.filter(({ parked }) => parked);
}

function instanceOf({ id, state, status, failure }: ShownInstance) {
  return { id, state, status, ...(failure !== null && { failure }) };
}
