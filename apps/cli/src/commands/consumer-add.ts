import type { ConsumerOrder, ConsumerPlan, ConsumerStart } from '@kiroku/operations';
import { type Command, InvalidArgumentError } from 'commander';
import { consumerOperationsOf } from '../operations/consumer-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { formatConsumerPlan } from '../output/format-consumer.ts';
import { print, printError, printJson } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

interface AddFlags {
  readonly type?: readonly string[];
  readonly category?: readonly string[];
  readonly tag?: readonly string[];
  readonly from: ConsumerStart;
  readonly reveal?: boolean;
  readonly timeoutMs?: number;
  readonly concurrency?: number;
  readonly maxAttempts?: number;
  readonly maxAgeHours?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addConsumerAdd(consumer: Command): void {
  consumer
    .command('add')
    .description('register a consumer, which gets events by webhook from then on; its secret is shown this once')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .argument('<url>', 'where messages are posted; redirects are not followed')
    .option('--type <name...>', 'only events of these types')
    .option('--category <name...>', 'only of streams of these categories')
    .option('--tag <tag...>', 'only events that have all of these tags')
    .option('--from <start>', '"beginning", "now", or a position: what follows it', start, 'now' as const)
    .option('--reveal', 'send personal fields readable; without it they are sent as they are stored, encrypted')
    .option('--timeout-ms <n>', 'for one answer (default: 10,000)', wholeNumber(100))
    .option('--concurrency <n>', 'streams whose events are on their way at once (default: 8)', wholeNumber(1))
    .option('--max-attempts <n>', 'after so many a message is a dead letter (default: 50, which takes about 20 hours)', wholeNumber(1))
    .option('--max-age-hours <n>', 'a message that fails for so long is a dead letter (default: 72)', wholeNumber(1))
    .option('--dry-run', 'only say what would be registered')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (name: string, url: string, flags: AddFlags, command: Command) => {
      const [operations, order] = [await consumerOperationsOf(command), orderOf(name, url, flags)];
      if (flags.dryRun === true) return printPlan(await operations.planConsumer(order), flags.json);
      const { consumer: added, secret } = await operations.addConsumer(order);
      if (flags.json === true) return printJson({ consumer: added, secret });
      print(`${added.name} gets what follows position ${added.position} at ${added.url}`);
      print(`Its secret is ${secret}`);
      printError('Give the secret to the receiver now: it is not shown again. Lost, it is replaced with `kiroku consumer rotate-secret`.');
    });
}

function printPlan(plan: ConsumerPlan, json = false): void {
  if (json) printJson({ plan });
  else print(formatConsumerPlan(plan));
}

function orderOf(name: string, url: string, flags: AddFlags): ConsumerOrder {
  const { type, category, tag, from, reveal, timeoutMs, concurrency, maxAttempts, maxAgeHours } = flags;
  const terms = {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(concurrency !== undefined && { concurrency }),
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(maxAgeHours !== undefined && { maxAgeSeconds: maxAgeHours * 3_600 }),
  };
  return {
    name,
    url,
    from,
    terms,
    ...(type && { types: type }),
    ...(category && { categories: category }),
    ...(tag && { tags: tag }),
    ...(reveal !== undefined && { reveal }),
  };
}

function start(text: string): ConsumerStart {
  if (text === 'beginning' || text === 'now') return text;
  if (/^[0-9]{1,16}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be "beginning", "now", or a position.');
}
