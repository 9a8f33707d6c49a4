import type { operations } from '../generated/payment-simulator.ts';

type Operations = operations;
type Json<Content> = Content extends { content: { 'application/json': infer Body } } ? Body : never;

export type RequestOf<Name extends keyof Operations> = Operations[Name] extends { requestBody: infer Body } ? Json<Body> : never;
export type AnswerOf<Name extends keyof Operations> = Operations[Name] extends { responses: { 200: infer Answer } } ? Json<Answer> : never;
