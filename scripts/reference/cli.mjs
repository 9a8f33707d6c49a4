// docs/reference/cli.md, from the command line itself.
import { createProgram } from '../../apps/cli/dist/program.js';

export const page = `# Command line

Exit codes: 0 done, 1 failed or unhealthy, 2 wrong command line, 3 degraded (\`health\`, \`status\`, \`alerts\`, \`doctor\`) or not all there is (\`audit\`). What needs \`--yes\` and was not given it changes nothing, says what it would have done, and ends with 1; with \`--dry-run\` it ends with 0. Errors are one line on stderr, and end with their [code](errors.md) in parentheses; if lines of a log are shown with one, the code is on a line of its own.

${sections(await createProgram(), []).join('\n\n')}
`;

function sections(command, above) {
  const path = [...above, command.name()];
  const help = command.createHelp();
  const own = `## ${path.join(' ')}\n\n\`\`\`\n${help.formatHelp(command, help).trim()}\n\`\`\``;
  return [own, ...command.commands.filter((sub) => sub.name() !== 'help').flatMap((sub) => sections(sub, path))];
}
