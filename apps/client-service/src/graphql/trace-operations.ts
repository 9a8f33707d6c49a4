import type { ActiveSpan, Tracing } from '@kiroku/service';
import type { FastifyInstance } from 'fastify';
import type { DocumentNode } from 'graphql';
import type { GatewayContext } from './context.ts';
import { chosenOperation, operationNameOf } from './document.ts';

type Traced = Partial<{ -readonly [Field in keyof GatewayContext]: GatewayContext[Field] }> & Parameters<typeof operationNameOf>[0];

/**
 * Makes a span of every operation that is carried out: its kind, its name and the fields it asks for at the top, never variables. What it asks
 * of the services is below it.
 */
export function traceOperations(app: FastifyInstance, tracing: Tracing): void {
  const spans = new WeakMap<object, ActiveSpan>();
  app.graphql.addHook('preExecution', async (_schema, document, context: Traced) => {
    if (context.request === undefined) return;
    const span = tracing.begin({ ...describe(document, operationNameOf(context)), parent: context.request });
    spans.set(context, span);
    context.request = { ...context.request, ...span.context };
  });
  app.graphql.addHook('onResolution', async ({ errors = [] }, context) => {
    const span = spans.get(context);
    // as `formatErrors` has made them
    if (errors.some(({ extensions }) => extensions?.kind === 'fault')) span?.failedWith('fault');
    span?.end();
  });
}

function describe(document: DocumentNode, operationName: string | undefined) {
  const { operation, name, selectionSet } = chosenOperation(document, operationName);
  const fields = selectionSet.selections.flatMap((each) => (each.kind === 'Field' ? [each.name.value] : []));
  return {
    name: operation,
    attributes: {
      'graphql.operation.type': operation,
      ...(name !== undefined && { 'graphql.operation.name': name.value }),
      'kiroku.graphql.fields': fields.slice(0, 20),
    },
  };
}
