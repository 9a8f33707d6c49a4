import { randomBytes } from 'node:crypto';
import { type JsonObject, type JsonValue, type KeyStore, KirokuError, type SealedSecrets } from '@kiroku/core';
import { isSealed, open, seal } from '../personal-data/sealed-value.ts';
import { subjectKey } from '../personal-data/subject-key.ts';

/** A new secret for signatures: 32 random bytes, as Standard Webhooks writes them. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** Seals a consumer's secret with a key of its own. Throws `KeyStoreUnavailable`. */
export async function sealSecret(keys: KeyStore, consumer: string, secret: string): Promise<JsonObject> {
  return seal(secret, placeOf(consumer), subjectKey(await keys.keyFor(consumerKeySubject(consumer))), undefined);
}

/** The secrets that a message is signed with at a time, in milliseconds since 1970. Throws `KeyMissing` and `KeyStoreUnavailable`. */
export async function openSecrets(
  keys: KeyStore,
  { consumer, secrets, now }: { readonly consumer: string; readonly secrets: SealedSecrets; readonly now: number },
): Promise<readonly string[]> {
  const { current, previous } = secrets;
  const sealed = previous !== undefined && Date.parse(previous.until) > now ? [current, previous.secret] : [current];
  const found = await keys.findKey(consumerKeySubject(consumer));
  if (found === undefined || found === 'forgotten')
    throw unreadable('its key is not in the key store: `kiroku restore keys` puts back what a backup has');
  const key = subjectKey(found);
  return sealed.map((value) => {
    if (!isSealed(value)) throw unreadable('it was altered in the database');
    const secret = opened(() => open(value, placeOf(consumer), key));
    if (typeof secret === 'string') return secret;
    throw unreadable('it does not open with the key that is there: `kiroku restore keys` puts back what a backup has');
  });
}

/** Destroys the key of a consumer that is gone. */
export function forgetSecret(keys: KeyStore, consumer: string): Promise<void> {
  return keys.forget(consumerKeySubject(consumer));
}

function opened(open: () => JsonValue): JsonValue | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}

/** What a consumer's key is kept under, beside those of people. */
export function consumerKeySubject(consumer: string): string {
  return `consumer-${consumer}`;
}

function placeOf(consumer: string) {
  return { type: 'consumer', field: 'secret', subject: consumerKeySubject(consumer) };
}

function unreadable(why: string): KirokuError {
  return new KirokuError(
    'KeyMissing',
    `The secret of the consumer cannot be read, so nothing can be signed: ${why}, or make a new one with \`kiroku consumer rotate-secret\`.`,
  );
}
