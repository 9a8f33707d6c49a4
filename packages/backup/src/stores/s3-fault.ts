import { isKirokuError, KirokuError } from '@kiroku/core';

/** A bucket's errors as ours: what is wrong, and what to do. */
export function s3Fault(error: unknown, place: string): Error {
  if (isKirokuError(error)) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = (error as NodeJS.ErrnoException).code ?? name;
  const advice =
    advices[name] ?? advices[code] ?? `${name === 'Error' ? code : name}: ${message}. Look at the network and at the store itself.`;
  return new KirokuError('BackupStoreUnavailable', `${place}: ${advice}`, { cause: error, details: { place } });
}

const credentials =
  'the credentials are not taken. Look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and at whether they may read, write, list and delete there.';
const unreachable = 'nobody answers. Look at BACKUP_S3_ENDPOINT, BACKUP_S3_REGION and the network.';
const advices: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket. Make it, or change BACKUP_URL.',
  PermanentRedirect: 'the bucket is in another region. Set BACKUP_S3_REGION.',
  CredentialsProviderError: 'there are no credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role.',
  AccessDenied: credentials,
  Forbidden: credentials,
  InvalidAccessKeyId: credentials,
  SignatureDoesNotMatch: credentials,
  ExpiredToken: 'the credentials have expired. Renew AWS_SESSION_TOKEN.',
  ECONNREFUSED: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  ETIMEDOUT: unreachable,
  TimeoutError: unreachable,
};
