import { positionToken } from '@kiroku/core';
import { logQuietly } from '@kiroku/service';
import type { FastifyInstance } from 'fastify';
import { type DocumentNode, OperationTypeNode } from 'graphql';
import type { GatewayContext } from './graphql/context.ts';
import {
  chosenOperation,
  invalidDocument,
  operationNameOf,
  operationsOf,
  parseDocument,
  requireShort,
  requireText,
} from './graphql/document.ts';
import { invalid } from './graphql/gateway-error.ts';
import { type OperationLimits, requireCheap } from './graphql/limits.ts';
import { positionHeader } from './graphql/session.ts';

interface HookContext extends Partial<GatewayContext> {
  onlyReads?: boolean;
  readonly reply?: { header(name: string, value: string): unknown; readonly request: { readonly body: unknown; readonly query: unknown } };
}

/** Checks operations against the limits before they run, and tells the client how far its writes go. Of queries the log says little. */
export function guardOperations(app: FastifyInstance, { maxCost, maxLength }: Omit<OperationLimits, 'maxDepth'>): void {
  app.addHook('preValidation', async ({ routeOptions, method, body, query }) => {
    if (routeOptions.url !== '/graphql') return;
    const source = requireQuery(method === 'GET' ? query : body);
    if (method === 'GET') requireOperation(source, query);
  });
  app.graphql.addHook('preParsing', async (_schema, source) => {
    requireShort(source, maxLength);
    requireText(source);
  });
  app.graphql.addHook('preExecution', async (schema, document, context: HookContext, variables) => {
    context.session?.requireValid();
    const operationName = operationNameOf(context);
    const { operation } = chosenOperation(document, operationName);
    if (operation === OperationTypeNode.SUBSCRIPTION)
      throw invalidDocument('Subscriptions go over WebSocket to the same address, with the protocol graphql-transport-ws.');
    requireCheap({ schema, document, variables, maxCost, ...(operationName !== undefined && { operationName }) });
    context.onlyReads = operation === OperationTypeNode.QUERY;
    // Compiled documents forget which operation was asked for (mercurius 16.10), so those with several are not compiled: a given document is not.
    return operationsOf(document).length > 1 ? { document } : undefined;
  });
  app.graphql.addHook('onResolution', async (execution, context: HookContext) => {
    const { session, reply, onlyReads } = context;
    if (onlyReads === true && reply !== undefined && execution.errors === undefined) logQuietly(reply.request);
    const { position: at } = session ?? {};
    if (at === undefined || at.position === 0) return;
    const position = positionToken(at);
    reply?.header(positionHeader, position);
    execution.extensions = { ...execution.extensions, position };
  });
}

/** Refuses a request without the text of a document, in words that say so. */
function requireQuery(given: unknown): string {
  if (typeof given === 'object' && given !== null && 'query' in given && typeof given.query === 'string' && given.query.trim() !== '')
    return given.query;
  throw invalid('query', 'must be a GraphQL document as text, in one JSON object');
}

/** Refuses a GET that leaves open which operation it asks for: mercurius (16.10) would fail inside. Whatever else is wrong with it is said later. */
function requireOperation(source: string, query: unknown): void {
  const document = readable(source);
  if (document !== undefined && operationsOf(document).length > 0)
    chosenOperation(document, operationNameOf({ reply: { request: { body: undefined, query } } }));
}

function readable(source: string): DocumentNode | undefined {
  try {
    return parseDocument(source);
  } catch {
    return undefined;
  }
}
