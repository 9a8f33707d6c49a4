import type { FastifyInstance } from 'fastify';
import { type DocumentNode, type GraphQLSchema, validate } from 'graphql';
import type { GatewayContext } from './graphql/context.ts';
import { GatewayError } from './graphql/gateway-error.ts';
import { operationsOf, requireCheap, requireShort } from './graphql/limits.ts';
import { positionHeader } from './graphql/session.ts';

export interface OperationLimits {
  readonly maxDepth: number;
  readonly maxCost: number;
  /** Characters of a document. */
  readonly maxLength: number;
}

interface HookContext extends Partial<GatewayContext> {
  readonly reply?: { header(name: string, value: string): unknown; readonly request: { readonly body: unknown; readonly query: unknown } };
}

/** Checks operations against the limits before they run, and tells the client how far its writes go. */
export function guardOperations(app: FastifyInstance, { maxCost, maxLength }: OperationLimits): void {
  app.graphql.addHook('preParsing', async (_schema, source) => requireShort(source, maxLength));
  app.graphql.addHook('preExecution', async (schema, document, context: HookContext, variables) => {
    context.session?.requireValid();
    const operationName = operationNameOf(context);
    requireCheap({ schema, document, variables, maxCost, ...(operationName !== undefined && { operationName }) });
    // Compiled documents forget which operation was asked for (mercurius 16.10), so those with several are not compiled: a given document is not.
    return operationsOf(document).length > 1 ? { document } : undefined;
  });
  app.graphql.addHook('onResolution', async (execution, context: HookContext) => {
    const position = context.session?.position ?? 0;
    if (position === 0) return;
    context.reply?.header(positionHeader, String(position));
    execution.extensions = { ...execution.extensions, position: String(position) };
  });
  app.graphql.addHook('preSubscriptionParsing', async (_schema, source) => requireShort(source, maxLength));
  // Subscriptions are not validated otherwise (mercurius 16.10). Their cost is checked where their variables are known: rowChanges.
  app.graphql.addHook('preSubscriptionExecution', async (schema, document) => requireValid(schema, document));
}

function requireValid(schema: GraphQLSchema, document: DocumentNode): void {
  const [error] = validate(schema, document, undefined, { maxErrors: 1 });
  if (error !== undefined) throw new GatewayError(error.message, { code: 'BadRequest', kind: 'invalid' });
}

function operationNameOf({ reply }: HookContext): string | undefined {
  const { body, query } = reply?.request ?? {};
  for (const part of [body, query]) {
    if (typeof part === 'object' && part !== null && 'operationName' in part && typeof part.operationName === 'string')
      return part.operationName;
  }
  return undefined;
}
