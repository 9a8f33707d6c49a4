import { KirokuError } from '@kiroku/core';

export interface S3Address {
  readonly bucket: string;
  /** What the names of all objects begin with: empty, or with a `/` at its end. */
  readonly prefix: string;
}

/** `s3://bucket/prefix`. Throws `ConfigurationInvalid`. */
export function parseS3Address(place: string): S3Address {
  const [, bucket, path = ''] = /^s3:\/\/([^/]+)\/*(.*?)\/*$/.exec(place) ?? [];
  if (bucket === undefined) throw new KirokuError('ConfigurationInvalid', `BACKUP_URL (${place}) is no s3://bucket/prefix.`);
  return { bucket, prefix: path === '' ? '' : `${path}/` };
}
