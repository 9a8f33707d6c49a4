// docs/reference/rejections.md, from the shop's table of rejections.
import { rejections } from '@kiroku/shop';

export const page = `# Rejections of the shop

A rejection is an answer, not a fault: a rule of the shop said no, and nothing was changed. In GraphQL it is an error with
\`extensions.kind\` = \`rejection\` and \`extensions.code\` as below; over HTTP, command-service answers 422 with \`outcome\` = \`rejected\`.
\`details\` say what a program may need, e.g. how much is available.

| Code | Meaning |
|---|---|
${Object.entries(rejections)
  .map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
  .join('\n')}
`;
