import { type Aggregate, type Command, type CommandDefinition, check, KirokuError, type StreamName, targetStream } from '@kiroku/core';
import { validate as isUuid } from 'uuid';

/** A command that may be decided: its data has passed the schema, and it is known where it goes. */
export interface AdmittedCommand {
  readonly aggregate: Aggregate;
  readonly definition: CommandDefinition;
  readonly command: Command;
  readonly stream: StreamName;
}

export type AggregatesByCommand = ReadonlyMap<string, Aggregate>;

/** Which aggregate decides which command. Throws `DefinitionInvalid` if two claim the same. */
export function aggregatesByCommand(aggregates: readonly Aggregate[]): AggregatesByCommand {
  const byCommand = new Map<string, Aggregate>();
  for (const aggregate of aggregates) {
    for (const type of Object.keys(aggregate.commands)) {
      const other = byCommand.get(type);
      if (other !== undefined) {
        throw new KirokuError('DefinitionInvalid', `${other.name} and ${aggregate.name} both define the command ${type}. Rename one.`);
      }
      byCommand.set(type, aggregate);
    }
  }
  return byCommand;
}

/** Checks a command from outside. Throws `UnknownCommand` or `BadRequest`, with every fault in `details.issues`. */
export function admit(byCommand: AggregatesByCommand, received: Command): AdmittedCommand {
  const aggregate = byCommand.get(received.type);
  const definition = aggregate?.commands[received.type];
  if (aggregate === undefined || definition === undefined) {
    throw new KirokuError('UnknownCommand', `There is no command "${received.type}". Check its spelling.`);
  }
  if (!isUuid(received.id)) {
    throw new KirokuError(
      'BadRequest',
      `The command id "${received.id}" is not a UUID. Give each command a new one, and repeat it with the same.`,
      {
        details: { issues: [{ path: 'id', message: 'must be a UUID' }] },
      },
    );
  }
  const checked = check(definition.schema, received.data);
  if ('issues' in checked) {
    const list = checked.issues.map((issue) => `${issue.path || '(root)'}: ${issue.message}`).join('; ');
    throw new KirokuError('BadRequest', `${received.type} cannot be carried out, its data is wrong: ${list}.`, {
      details: { issues: checked.issues },
    });
  }
  const command = { ...received, id: received.id.toLowerCase(), data: checked.value };
  return { aggregate, definition, command, stream: targetStream(aggregate, command) };
}
