import { readFile } from 'node:fs/promises';
import { Command, Help, InvalidArgumentError } from 'commander';
import { type Verb, verbs } from './verbs.ts';

const exitCodeHelp = `
Exit codes: 0 done, 1 failed or unhealthy, 2 wrong command line, 3 degraded (health, status, alerts, doctor) or not all there is (audit, projection list, privacy).`;

/**
 * The command line for these words: the verb among them with its options and what is under it, the others by name.
 * Default: all verbs. Throws commander's errors instead of ending the process; what it says of them goes to `onMisuse`. Default: to stderr.
 */
export async function createProgram(words?: readonly string[], onMisuse?: (text: string) => void): Promise<Command> {
  const program = named();
  if (onMisuse !== undefined) program.configureOutput({ writeErr: onMisuse }); // verbs inherit it
  const wanted = words && wantedVerb(program, words);
  if (wanted === undefined) program.version(await version(), '--version', 'print the version of kiroku'); // verbs have versions of their own
  for (const verb of verbs) await add(program, verb, words === undefined || verb.name === wanted);
  return program;
}

function named(): Command {
  const program = new Command('kiroku');
  return program
    .description('Runs and operates an event-sourced application.')
    .option('--config <file>', 'configuration file (default: kiroku.config.ts here or above)')
    .option('--as <name>', 'who does it, for the audit log (default: KIROKU_OPERATOR, or user@host)', someText)
    .option('--reason <text>', 'why, for the audit log', someText)
    .showSuggestionAfterError()
    .showHelpAfterError('(`kiroku help` lists the commands)')
    .addHelpText('after', exitCodeHelp)
    .configureHelp({ subcommandTerm: (command) => (command.parent === program ? command.name() : new Help().subcommandTerm(command)) })
    .exitOverride();
}

async function version(): Promise<string> {
  const manifest: { readonly version: string } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  return manifest.version;
}

/** The verb that is asked for, or asked about. */
function wantedVerb(program: Command, words: readonly string[]): string | undefined {
  const [first, second] = program.parseOptions([...words]).operands;
  return first === 'help' ? second : first;
}

async function add(program: Command, { name, description, load }: Verb, wanted: boolean): Promise<void> {
  if (!wanted) {
    program.command(name).description(description);
    return;
  }
  (await load())(program);
  const command = program.commands.find((each) => each.name() === name)?.description(description);
  if (command !== undefined) hint(command, `kiroku ${name}`);
}

/** Where to read on after an error: at the verb that was called, not at the list of all. */
function hint(command: Command, path: string): void {
  command.showHelpAfterError(`(\`${path} --help\` says how)`);
  for (const under of command.commands) hint(under, `${path} ${under.name()}`);
}

function someText(text: string): string {
  if (text.trim() !== '') return text.trim();
  throw new InvalidArgumentError('It must not be empty.');
}
