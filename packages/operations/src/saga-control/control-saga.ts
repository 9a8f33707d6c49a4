import { KirokuError, type ProcessManager } from '@kiroku/core';
import { type OperatorAct, reactToOperator, type SagaControl } from '@kiroku/engine';
import { type Pool, PostgresOperatorAudit, PostgresProcessManagerStore, type ShownInstance } from '@kiroku/postgres';
import { recordedRun } from '../audit/audited-run.ts';
import type { Installation } from '../config/installation.ts';
import { withSagas } from '../saga-list/open-sagas.ts';
import { findSaga } from '../saga-show/show-saga.ts';

export interface SagaSteering {
  readonly id: string;
  readonly control: SagaControl;
  /** Needed if several process managers have an instance of this id. */
  readonly processManager?: string;
}

/** What a control would lead to, in lines for people. Throws `NotFound` or `SagaNotSteerable`. */
export function planSagaControl(installation: Installation, steering: SagaSteering): Promise<readonly string[]> {
  return withSagas(installation, async (pool) => {
    const { saga, act, declared } = await steered(installation, pool, steering);
    const { commands, instances } = reactToOperator(declared, instanceOf(saga), act);
    const parked = steering.control === 'retry' ? saga.commands.filter((command) => command.parked) : [];
    const lines = [
      ...commands.map(({ type }) => `It sends ${type}.`),
      ...parked.map(({ type }) => `Its parked ${type} is delivered again.`),
      ...instances.filter(({ status }) => status !== saga.status).map(({ status }) => `It is ${saga.status}, and then ${status}.`),
    ];
    return lines.length === 0 ? ['There is nothing to do.'] : lines;
  });
}

/** Retries, compensates or closes a saga, and records who did. Throws `NotFound` or `SagaNotSteerable`. */
export function controlSaga(installation: Installation, steering: SagaSteering): Promise<ShownInstance> {
  const { operator } = installation;
  return withSagas(installation, async (pool) => {
    const { saga, act, declared } = await steered(installation, pool, steering);
    const { id, processManager, status } = saga;
    return recordedRun(new PostgresOperatorAudit({ pool }), operator, {
      verb: `saga ${steering.control}`,
      arguments: { id, processManager },
      before: async () => ({ status, failure: saga.failure }),
      run: async ({ correlationId }) => {
        await new PostgresProcessManagerStore({ pool }).intervene({
          processManager,
          instance: id,
          react: (instance) => reactToOperator(declared, instance, { ...act, id: correlationId }),
          retryParked: steering.control === 'retry',
        });
        return findSaga(pool, id, processManager);
      },
      after: (changed) => ({ status: changed.status }),
    });
  });
}

async function steered(
  { operator, config }: Installation,
  pool: Pool,
  { id, control, processManager }: SagaSteering,
): Promise<{ readonly saga: ShownInstance; readonly act: OperatorAct; readonly declared: ProcessManager }> {
  const saga = await findSaga(pool, id, processManager);
  const declared = config.application.processManagers.find(({ name }) => name === saga.processManager);
  if (declared === undefined) {
    throw new KirokuError(
      'DefinitionInvalid',
      `The application does not declare the process manager "${saga.processManager}". Use the code that does.`,
    );
  }
  return { saga, declared, act: { control, operator: operator.name, reason: operator.reason ?? 'by an operator', id: saga.id } };
}

function instanceOf({ id, state, status, failure }: ShownInstance) {
  return { id, state, status, ...(failure !== null && { failure }) };
}
