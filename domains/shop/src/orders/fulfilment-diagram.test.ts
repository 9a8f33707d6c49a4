import { readFileSync } from 'node:fs';
import { diagramOf } from '@kiroku/core';
import { expect, test } from 'vitest';
import { fulfilment } from './fulfilment.ts';

test('the diagram in the documentation is the one of the declared steps', () => {
  const page = readFileSync(new URL('../../../../docs/reference/sagas/fulfilment.md', import.meta.url), 'utf8');
  const drawn = /```mermaid\n([\s\S]*?)```/.exec(page)?.[1];
  expect(drawn, 'run `kiroku saga diagram fulfilment` and put it there').toBe(diagramOf(fulfilment));
});
