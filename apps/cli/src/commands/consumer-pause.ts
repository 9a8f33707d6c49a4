import type { Command } from 'commander';
import { consumerOperationsOf } from '../operations/consumer-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { print, printJson } from '../output/print.ts';

interface PauseFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addConsumerPause(consumer: Command): void {
  addPausing(consumer, { verb: 'pause', description: 'send nothing more to a consumer; --reason is shown in lists' });
}

export function addConsumerResume(consumer: Command): void {
  addPausing(consumer, {
    verb: 'resume',
    description: 'go on with a consumer from where it was; what waits to be tried again is due at once',
  });
}

function addPausing(consumer: Command, { verb, description }: { readonly verb: 'pause' | 'resume'; readonly description: string }): void {
  const paused = verb === 'pause';
  consumer
    .command(verb)
    .description(description)
    .argument('<name>', 'name of the consumer')
    .option('--dry-run', 'only say what would happen')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (name: string, { dryRun = false, json = false }: PauseFlags, command: Command) => {
      const operations = await consumerOperationsOf(command);
      const consumer = dryRun ? (await operations.showConsumer(name)).consumer : await operations.pauseConsumer(name, paused);
      if (json) printJson(dryRun ? { plan: consumer } : consumer);
      else if (dryRun) print(`${name} is ${consumer.state}, and would ${paused ? 'be paused' : 'go on'}.`);
      else print(`${name} ${paused ? 'is paused: it gets nothing more within seconds' : `goes on after position ${consumer.position}`}.`);
    });
}
