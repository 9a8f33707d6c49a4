// docs/reference/errors.md, from the error table of core.
import { errorKinds } from '@kiroku/core';

const rows = Object.entries(errorKinds).map(
  ([code, { status, retryable, about }]) => `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${about} |`,
);
export const page = `# Error codes

Every fault has a stable code. Over HTTP it is \`code\` of an \`application/problem+json\` answer, in GraphQL \`extensions.code\`.
A business no is not a fault but a *rejection*, with a code of its own: see [rejections](rejections.md).

| Code | HTTP | Repeat? | What it means, what to do |
|---|---|---|---|
${rows.join('\n')}
`;
