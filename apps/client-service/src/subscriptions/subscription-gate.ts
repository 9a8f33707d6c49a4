import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  OperationTypeNode,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { chosenOperation, invalidDocument, maxErrors, parseDocument, requireShort } from '../graphql/document.ts';
import { type OperationLimits, requireCheap } from '../graphql/limits.ts';

/** Documents that are kept parsed: followers mostly ask in the same words, and reading 6,000 documents took as many milliseconds. */
const keptDocuments = 50;

/**
 * Makes what looks at what a client wants to follow: it is ready to be executed, or all that is wrong with it is told. How deep it goes is bounded
 * by the schema.
 */
export function subscriptionGate(schema: GraphQLSchema, { maxCost, maxLength }: Omit<OperationLimits, 'maxDepth'>) {
  const known = new Map<string, DocumentNode>();
  return ({ query, variables, operationName }: SubscribePayload): ExecutionArgs | readonly GraphQLError[] => {
    try {
      requireShort(query, maxLength);
      const document = known.get(query) ?? parseDocument(query);
      const faults = known.has(query) ? [] : validate(schema, document, undefined, { maxErrors });
      if (faults.length > 0) return faults;
      if (known.size >= keptDocuments && !known.has(query)) known.clear();
      known.set(query, document);
      const { operation, variableDefinitions = [] } = chosenOperation(document, operationName ?? undefined);
      if (operation !== OperationTypeNode.SUBSCRIPTION)
        throw invalidDocument('Only subscriptions go over WebSocket. Send queries and mutations with POST to the same address.');
      const { errors } = getVariableValues(schema, variableDefinitions, variables ?? {}, { maxErrors });
      if (errors !== undefined) return errors;
      requireCheap({ schema, document, variables: variables ?? {}, maxCost, ...(operationName && { operationName }) });
      return { schema, document, variableValues: variables ?? {}, operationName: operationName ?? null };
    } catch (error) {
      if (error instanceof GraphQLError) return [error]; // of the syntax
      return [new GraphQLError(String(error), { originalError: error instanceof Error ? error : null })];
    }
  };
}
