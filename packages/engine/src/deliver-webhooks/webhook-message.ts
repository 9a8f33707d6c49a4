import { type LogIdentity, type RecordedEvent, toCloudEvent } from '@kiroku/core';
import { Webhook } from 'standardwebhooks';

/** A message as it is posted. */
export interface WebhookMessage {
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** The event as a Standard Webhook (https://www.standardwebhooks.com), a CloudEvent within, signed with each of the secrets. */
export function webhookMessage(
  event: RecordedEvent,
  { log, secrets, at }: { readonly log: LogIdentity; readonly secrets: readonly string[]; readonly at: Date },
): WebhookMessage {
  const { role: _role, sourceAddress: _address, ...metadata } = event.metadata; // nobody else's business
  const body = JSON.stringify(toCloudEvent({ ...event, metadata }, log));
  const { traceparent, tracestate } = metadata;
  return {
    body,
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': 'kiroku',
      'webhook-id': event.id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(event.id, at, body)).join(' '),
      ...(traceparent !== undefined && { traceparent }),
      ...(tracestate !== undefined && { tracestate }),
    },
  };
}
