import { type JsonObject, KirokuError, type ProcessChanges, type ProcessInstance, type ProcessManager, type Reaction } from '@kiroku/core';
import { applyReaction } from './apply-reaction.ts';
import { InstanceChanges } from './instance-changes.ts';

/** What an operator may do to an instance. */
export type SagaControl = 'retry' | 'compensate' | 'close';

export interface OperatorAct {
  readonly control: SagaControl;
  readonly operator: string;
  /** Why; what is undone is told it. */
  readonly reason: string;
  /** Id of the entry in the audit log. */
  readonly id: string;
}

/** What an operator's act makes of an instance. Throws `SagaNotSteerable`. */
export function reactToOperator(processManager: ProcessManager, instance: ProcessInstance, act: OperatorAct): ProcessChanges {
  const changes = new InstanceChanges(new Map());
  const { control, operator, reason, id } = act;
  const reaction = reactionTo(processManager, instance, act);
  const cause = { id, metadata: {} };
  changes.add(
    { instance: instance.id, kind: 'operator', what: `${control} by ${operator}: ${reason}`, reference: id },
    reaction && applyReaction(processManager, instance, { cause, reaction }),
  );
  return changes.all();
}

function reactionTo(
  { operator }: ProcessManager,
  { id, state, status }: ProcessInstance,
  act: OperatorAct,
): Reaction<JsonObject> | undefined {
  const { control, reason } = act;
  if (status === 'done' && control === 'retry') return undefined; // what it has sent may be parked yet
  if (status === 'done') throw refused(id, `it has ended, so there is nothing to ${control}`);
  switch (control) {
    case 'retry':
      return operator?.retry(state, status === 'failed'); // without it, its parked commands are all there is to retry
    case 'close':
      return operator?.close(state, reason) ?? { state, done: true };
    case 'compensate': {
      const reaction = operator?.compensate(state, reason);
      if (reaction !== undefined) return reaction;
      throw refused(id, 'it is being undone already, its last step is under way, or nothing is declared that undoes it');
    }
    default:
      return control satisfies never;
  }
}

function refused(id: string, why: string): KirokuError {
  return new KirokuError('SagaNotSteerable', `Saga ${id} stays as it is: ${why}.`, { details: { id } });
}
