import { S3Client } from '@aws-sdk/client-s3';
import type { RepositorySettings } from '../repository-settings.ts';
import { S3Store } from './s3-store.ts';

/** A store in a bucket. Credentials are found the way all tools of AWS find them. */
export function connectS3({ place, s3 }: Pick<RepositorySettings, 'place' | 's3'>): S3Store {
  const { endpoint, region = 'us-east-1' } = s3 ?? {};
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'; // which Node runs is not the operator's to change, at each backup
  const client = new S3Client({
    region,
    maxAttempts: 5,
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 120_000 },
    // other stores have no names for buckets, and not all know the checksums that AWS has lately
    ...(endpoint !== undefined && {
      endpoint,
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
  });
  return new S3Store(client, place);
}
