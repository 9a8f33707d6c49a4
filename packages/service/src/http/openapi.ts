import type { IncomingMessage, ServerResponse } from 'node:http';
import swagger from '@fastify/swagger';
import type { FastifyBaseLogger, FastifyInstance, FastifySerializerCompiler, RawServerDefault } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  ResponseSerializationError,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { z } from 'zod';

/** A server whose routes are declared with zod schemas. */
export type ZodApp = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

/** The same server, for routes with zod schemas. In a plugin, use it after `withOpenApi`: Fastify resolves an awaited plugin instance to the root. */
export function zodApp(app: FastifyInstance): ZodApp {
  return app.withTypeProvider<ZodTypeProvider>();
}

/**
 * Answers are checked as they are. The compiler of the provider encodes them, which zod has no compiled code for: 117 µs for a list of 20 instead of 50.
 * Schemas of answers have nothing that would be encoded (codecs).
 */
const checkedJson: FastifySerializerCompiler<z.ZodType> =
  ({ schema, method, url }) =>
  (answer) => {
    const { data, error } = schema.safeParse(answer);
    if (error !== undefined) throw new ResponseSerializationError(method, url, { cause: error });
    return JSON.stringify(data);
  };

/** Says of answers what they are: what their schema says, or the route of the usual one. They would be called `Default Response`. */
function describeAnswers(declared: unknown, written: unknown, usual: string): void {
  for (const [status, answer] of entriesOf(written)) {
    const schema = entriesOf(declared).find(([each]) => each === status)?.[1];
    const description = (schema instanceof z.ZodType ? schema.description : undefined) ?? (status === '200' ? usual : undefined);
    if (typeof answer === 'object' && answer !== null && description !== undefined)
      Object.assign(answer, { ['$ref' in answer ? 'description' : 'x-response-description']: description }); // beside a reference the other is not seen
  }
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** Routes get their validation, types and OpenAPI document (at /openapi.json) from zod schemas. Call it before adding routes. */
export async function withOpenApi(
  app: FastifyInstance,
  info: { readonly title: string; readonly version: string; readonly description: string },
): Promise<ZodApp> {
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(checkedJson);
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info },
    transform: (route) => {
      const transformed = jsonSchemaTransform(route);
      const schema: typeof transformed.schema | undefined = transformed.schema; // of routes that declare none, whatever its type says
      if (schema === undefined) return transformed;
      const usual = route.route.method === 'GET' && schema.summary !== undefined ? `${schema.summary}.` : 'What it led to.';
      describeAnswers(route.schema?.response, schema.response, usual);
      return transformed;
    },
    transformObject: jsonSchemaTransformObject,
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  return zodApp(app);
}
