import type { FastifyReply, FastifyRequest } from 'fastify';
import { plainFields } from '../logging/create-logger.ts';

const quietly = Symbol('kiroku.http.quietly');

type Marked = object & { [quietly]?: true };

/**
 * Says of a request that it changes nothing, and has not failed in a way that its status does not tell. If it was quick, its line is written at `debug`:
 * of such lines a busy service writes a gigabyte in minutes, which is all that is kept by default, and what is looked for an hour later would be gone.
 */
export function logQuietly(request: object): void {
  (request as Marked)[quietly] = true;
}

/** Milliseconds from which on a read is told of like everything else. */
const slowMs = 100;

/** Writes the line of an answer. Its address is told without the query: what is asked for may be personal. */
export function logAnswer(request: FastifyRequest, reply: FastifyReply, isAboutProcess: boolean): void {
  const level = isAboutProcess ? 'trace' : levelOf(request, reply);
  const { method, url, routeOptions } = request;
  const path = url.includes('?') ? url.slice(0, url.indexOf('?')) : url;
  const fields = { method, url: path, status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 };
  request.log[level](path === routeOptions.url ? plainFields(fields) : fields, 'answered');
}

function levelOf(request: Marked, { statusCode, elapsedTime }: FastifyReply): 'debug' | 'info' | 'warn' {
  if (statusCode >= 500) return 'warn';
  return request[quietly] === true && statusCode < 400 && elapsedTime < slowMs ? 'debug' : 'info';
}
