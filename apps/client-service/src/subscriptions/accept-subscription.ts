import { type ExecutionArgs, GraphQLError, type GraphQLSchema, getVariableValues, OperationTypeNode, validate } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { chosenOperation, invalidDocument, maxErrors, parseDocument, requireShort } from '../graphql/document.ts';
import { type OperationLimits, requireCheap } from '../graphql/limits.ts';

/** What a client wants to follow, ready to be executed; or all that is wrong with it. How deep it goes is bounded by the schema. */
export function acceptSubscription(
  schema: GraphQLSchema,
  { query, variables, operationName }: SubscribePayload,
  { maxCost, maxLength }: Omit<OperationLimits, 'maxDepth'>,
): ExecutionArgs | readonly GraphQLError[] {
  try {
    requireShort(query, maxLength);
    const document = parseDocument(query);
    const faults = validate(schema, document, undefined, { maxErrors });
    if (faults.length > 0) return faults;
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
}
