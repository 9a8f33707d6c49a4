import { type Aggregate, type Application, type CommandDefinition, KirokuError, positionToken, type UnrecordedCommand } from '@kiroku/core';
import type { CommandHandler, CommandResult } from '@kiroku/engine';
import { problemSchema, requestContext, type ZodApp } from '@kiroku/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { acceptedSchema, commandListSchema, rejectedSchema } from './command-answers.ts';
import { refusals } from './refusals.ts';

const headers = z.object({
  'idempotency-key': z
    .guid()
    .optional()
    .describe('UUID of the command. The same one takes effect once; repeat a request whose answer was lost with it. Made if absent.'),
  'x-correlation-id': z
    .string()
    .optional()
    .describe('What the request belongs to: stored with the events, and in the log of every service. Made if absent.'),
  'x-actor': z
    .string()
    .optional()
    .describe(
      'Who asks; stored with the events. Believed if TRUSTED_PROXIES say so, as are X-Forwarded-User (which wins), X-Forwarded-Groups and X-Forwarded-For.',
    ),
  traceparent: z.string().optional().describe('The trace that it is part of (W3C Trace Context).'),
});

const problem = { description: 'A fault.', content: { 'application/problem+json': { schema: problemSchema } } };

export interface CommandRoutesOptions {
  readonly application: Application;
  readonly handle: CommandHandler;
  /** Of the log that is appended to. Default 1: it was never restored. */
  readonly timeline?: () => Promise<number>;
  /** Audits requests that never became a command. Default: nobody does. */
  readonly record?: (command: UnrecordedCommand) => void;
  /** Now, as ISO 8601. */
  readonly now?: () => string;
}

/** One route per command: `POST /commands/<Type>`, and `GET /commands`, which lists them. */
export function commandRoutes(app: ZodApp, options: CommandRoutesOptions): void {
  const { application, handle, timeline = async () => 1, now = () => new Date().toISOString(), record } = options;
  const refused = refusals({ now, ...(record && { record }) });
  const carryOut = (type: string, request: FastifyRequest, id: string): Promise<CommandResult> => {
    refused.none(request);
    return handle({ type, id, at: now(), data: request.body, metadata: { ...requestContext(request) } });
  };
  for (const aggregate of application.aggregates) {
    for (const [type, definition] of Object.entries(aggregate.commands)) {
      const route = { schema: schemaOf(aggregate, type, definition), ...unparsedBody, onError: refused.onError };
      app.post(`/commands/${type}`, route, async (request, reply) => {
        const id = commandIdOf(request);
        reply.header('idempotency-key', id);
        return answer(reply, await carryOut(type, request, id), timeline);
      });
    }
  }
  // of which there is none: it is refused, and audited, like others
  app.post(
    '/commands/:type',
    { schema: { hide: true, params: z.object({ type: z.string() }) }, onError: refused.onError },
    async (request, reply) => answer(reply, await carryOut(request.params.type, request, commandIdOf(request)), timeline),
  );
  const list = listOf(application);
  app.get('/commands', { schema: { summary: 'The commands there are', response: { 200: commandListSchema } } }, async () => list);
}

// The handler checks the body against the same schema. It gets it as it came, so that a repeated command keeps its fingerprint.
const unparsedBody = {
  validatorCompiler: ({ schema, httpPart }: { schema: unknown; httpPart?: string }) => {
    return (value: unknown) => (httpPart === 'body' || !(schema instanceof z.ZodType) ? { value } : parse(schema, value));
  },
};

function parse(schema: z.ZodType, value: unknown): { value: unknown } | { error: Error } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const list = issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ');
  return { error: new KirokuError('BadRequest', `A header is not valid: ${list}.`, { details: { issues } }) };
}

function schemaOf(aggregate: Aggregate, type: string, definition: CommandDefinition) {
  if (!(definition.schema instanceof z.ZodType)) {
    throw new KirokuError(
      'DefinitionInvalid',
      `The schema of ${type} is not a zod schema, so its route cannot be described. Write it with zod.`,
    );
  }
  return {
    operationId: type,
    tags: [aggregate.name],
    summary: definition.description ?? type,
    headers,
    body: definition.schema,
    response: { 200: acceptedSchema, 422: rejectedSchema, default: problem },
  };
}

function commandIdOf(request: FastifyRequest): string {
  const given = request.headers['idempotency-key'];
  return typeof given === 'string' ? given.toLowerCase() : uuidv7();
}

async function answer(reply: FastifyReply, result: CommandResult, timeline: () => Promise<number>): Promise<FastifyReply> {
  if (result.outcome === 'rejected') {
    const { code, message, details } = result.rejection;
    return reply.code(422).send({ outcome: 'rejected', code, message, details });
  }
  const { position, stream, version, duplicate } = result;
  const token = positionToken({ timeline: await timeline(), position });
  return reply.code(200).send({ outcome: 'accepted', position, token, stream, version, duplicate });
}

function listOf(application: Application): z.output<typeof commandListSchema> {
  return application.aggregates.flatMap((aggregate) =>
    Object.entries(aggregate.commands).map(([type, { description }]) => ({
      type,
      aggregate: aggregate.name,
      path: `/commands/${type}`,
      ...(description !== undefined && { description }),
    })),
  );
}
