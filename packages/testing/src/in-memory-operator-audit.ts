import {
  type ActionFilter,
  type ActionOutcome,
  KirokuError,
  type OperatorAction,
  type OperatorAudit,
  type RecordedAction,
} from '@kiroku/core';

/** An operator audit log in memory. For tests. */
export class InMemoryOperatorAudit implements OperatorAudit {
  readonly #actions = new Map<string, RecordedAction>();

  async begin(action: OperatorAction): Promise<void> {
    this.#actions.set(action.id, { ...structuredClone(action), at: new Date().toISOString() });
  }

  async end(id: string, outcome: ActionOutcome): Promise<void> {
    const action = this.#actions.get(id);
    if (action === undefined || action.outcome !== undefined) throw new KirokuError('NotFound', `No action ${id} is under way.`);
    this.#actions.set(id, { ...action, outcome: { ...structuredClone(outcome), at: new Date().toISOString() } });
  }

  async actions({ operator, verb, since, before, limit }: ActionFilter): Promise<readonly RecordedAction[]> {
    const all = [...this.#actions.values()];
    const known = all.findIndex(({ id }) => id === before?.id);
    const listed = known >= 0 ? all.slice(0, known) : all.filter(({ at }) => before === undefined || at < before.at);
    const wanted = listed.filter(
      (action) =>
        (operator === undefined || action.operator === operator) &&
        (verb === undefined || action.verb === verb) &&
        (since === undefined || Date.parse(action.at) >= Date.parse(since)),
    );
    return wanted.reverse().slice(0, limit);
  }
}
