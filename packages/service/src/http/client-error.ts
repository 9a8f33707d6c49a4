import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { toProblem } from './problem.ts';
import { correlationHeader } from './request-context.ts';

const meanings: { readonly [code: string]: { readonly statusCode: number; readonly detail: string } | undefined } = {
  ERR_HTTP_REQUEST_TIMEOUT: { statusCode: 408, detail: 'The request did not arrive in time (REQUEST_TIMEOUT_MS). Send it again.' },
  HPE_HEADER_OVERFLOW: { statusCode: 431, detail: 'The headers are larger than 16 KB. Send fewer, or shorter ones.' },
};
const unreadable = { statusCode: 400, detail: 'This is no HTTP/1.1 request that can be read.' };

/** Answers what Node's parser refuses, before there is a request, with a problem as everything else, and closes the connection. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return; // nobody is left to be answered
  const { statusCode, detail } = meanings[error.code ?? ''] ?? unreadable;
  const correlationId = crypto.randomUUID();
  const body = JSON.stringify(toProblem(Object.assign(new Error(detail), { statusCode }), correlationId));
  const head = [
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `${correlationHeader}: ${correlationId}`,
    'connection: close',
  ];
  if (socket.writable) socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  else socket.destroy(error);
}
