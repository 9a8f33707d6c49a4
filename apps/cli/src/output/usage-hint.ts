import type { Command, CommanderError } from 'commander';
import { closest, distance } from 'fastest-levenshtein';

/** What commander says of a word that it took for an argument of a verb that may be left out, as `verfiy` in `kiroku audit verfiy`. */
const takenForArgument = ['commander.excessArguments', 'commander.missingMandatoryOptionValue'];

/** What is wrong with a command line that commander refused, and where to read on, where commander does not see it. */
export function usageHint(program: Command, words: readonly string[], { code, message }: CommanderError): string | undefined {
  const [name, under] = program.parseOptions([...words]).operands;
  const verb = program.commands.find((each) => each.name() === name);
  if (verb === undefined) return undefined;
  if (takenForArgument.includes(code) && under !== undefined) return meantVerb(verb, under);
  if (code === 'commander.unknownOption' && message.includes("'--remote'")) return whereToRun(verb.name());
  return undefined;
}

function meantVerb(verb: Command, word: string): string | undefined {
  const names = verb.commands.map((each) => each.name());
  if (names.length === 0 || names.includes(word)) return undefined;
  const near = closest(word, names);
  const meant = distance(word, near) <= Math.max(2, word.length / 3) ? ` Did you mean ${near}?` : ` There are: ${names.join(', ')}.`;
  return `\`kiroku ${verb.name()}\` has no verb ${JSON.stringify(word).slice(0, 100)}.${meant}\n(\`kiroku ${verb.name()} --help\` says how)`;
}

function whereToRun(verb: string): string {
  const where =
    verb === 'logs'
      ? 'reads the files of the services: run it on their machine, with their KIROKU_DATA_DIR'
      : 'works on the databases and the machine themselves: run it where they can be reached, with the DATABASE_URL of the services';
  return `this verb of \`kiroku ${verb}\` has no --remote: it ${where}.`;
}
