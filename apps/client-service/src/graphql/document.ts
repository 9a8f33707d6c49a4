import { type DocumentNode, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { GatewayError } from './gateway-error.ts';

/** Words and signs of a document. Validation compares fields with each other: 5,600 tokens took it 560 ms, so many take 70. */
export const maxTokens = 2_500;

/** Faults of one document, or of its variables, that are told. */
export const maxErrors = 20;

/** Refuses a document whose text is too long. */
export function requireShort(source: string, maxLength: number): void {
  if (source.length > maxLength)
    throw invalidDocument(`The document has ${source.length} characters; at most ${maxLength} are taken. Send smaller ones.`);
}

/** How JSON begins, and GraphQL hardly. */
const mayBeJson = /^\s*(?:\{\s*["}]|["[\d-]|true|false|null)/;

/** Refuses a document that is JSON: mercurius (16.10) would take it for a parsed one, and fail inside if it is none. */
export function requireText(source: string): void {
  if (!mayBeJson.test(source)) return; // not tried: failing takes longer than all the other checks of a small document
  try {
    JSON.parse(source);
  } catch {
    return;
  }
  throw invalidDocument('The document must be GraphQL as text, such as "{ categoryTree { name } }".');
}

/** Reads a document. Throws `GraphQLError` for its syntax. */
export function parseDocument(source: string): DocumentNode {
  try {
    return parse(source, { maxTokens });
  } catch (error) {
    throw error instanceof RangeError ? tooDeep() : error;
  }
}

/** What the parser calls a stack that has overflowed. */
export function tooDeep(): GatewayError {
  return invalidDocument('The document is nested too deep to be read.');
}

/** The operations of a document: when there are several, one is chosen by name. */
export function operationsOf(document: DocumentNode): readonly OperationDefinitionNode[] {
  return document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
}

/** The operation of a document that a client asks for. */
export function chosenOperation(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const operations = operationsOf(document);
  const [operation, another] = operationName === undefined ? operations : operations.filter(({ name }) => name?.value === operationName);
  if (operation === undefined) throw invalidDocument(`The document has no operation named ${JSON.stringify(operationName)}.`);
  if (another !== undefined) throw invalidDocument('The document has several operations: say in `operationName` which one to run.');
  return operation;
}

/** Which operation a request asks for, in its body or in its address. */
export function operationNameOf({
  reply,
}: {
  readonly reply?: { readonly request: { readonly body: unknown; readonly query: unknown } };
}): string | undefined {
  const { body, query } = reply?.request ?? {};
  for (const part of [body, query]) {
    if (typeof part === 'object' && part !== null && 'operationName' in part && typeof part.operationName === 'string')
      return part.operationName;
  }
  return undefined;
}

/** The document is wrong as a whole. */
export function invalidDocument(message: string): GatewayError {
  return new GatewayError(message, { code: 'BadRequest', kind: 'invalid' });
}
