import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Moto, missing } from './moto.test-service.ts';
import { namesOf, objectStoreContract, pieces, textOf } from './object-store.test-suite.ts';
import { openStore } from './open-store.ts';
import { parseS3Address } from './s3-address.ts';
import { s3Fault } from './s3-fault.ts';

let moto: Moto;
beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  if (missing === '') moto = await Moto.start();
});
afterAll(async () => {
  await moto?.[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
});

const inBucket = (place: string) => openStore({ place, s3: { endpoint: moto.endpoint, region: 'us-east-1' } });

describe('a bucket', () => {
  objectStoreContract(async () => inBucket(`${await moto.newBucket()}/shop/`), missing);

  test.skipIf(missing !== '')(`is used under its prefix alone${missing}`, async () => {
    const bucket = await moto.newBucket();
    const [shop, other] = [await inBucket(`${bucket}/shop`), await inBucket(`${bucket}/shop2`)];
    await shop.put('a', pieces('1'));
    await other.put('a', pieces('2'));
    expect(await namesOf(await inBucket(bucket), '')).toEqual(['shop/a', 'shop2/a']);
    expect(await namesOf(shop, '')).toEqual(['a']);
    await shop.delete('a');
    expect(await textOf(other, 'a')).toBe('2');
  });

  test.skipIf(missing !== '')(`gives up uploads that were cut off, once they are old${missing}`, async () => {
    const place = await moto.newBucket();
    const { bucket } = parseS3Address(place);
    const client = new S3Client({ endpoint: moto.endpoint, region: 'us-east-1', forcePathStyle: true });
    for (const key of ['shop/a', 'elsewhere/a']) await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }));
    const store = await inBucket(`${place}/shop`);
    const uploads = async () => (await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads?.map(({ Key }) => Key);
    await store.removeLeftovers(new Date(0));
    expect(await uploads()).toHaveLength(2);
    await store.removeLeftovers(new Date(Date.now() + 3_600_000));
    expect(await uploads()).toEqual(['elsewhere/a']);
    client.destroy();
  });

  test.skipIf(missing !== '')(`that is not there says so${missing}`, async () => {
    const store = await inBucket('s3://nowhere/shop');
    for (const call of [() => store.put('a', pieces('x')), () => textOf(store, 'a'), () => namesOf(store, '')])
      await expect(call()).rejects.toMatchObject({ code: 'BackupStoreUnavailable', message: expect.stringContaining('no such bucket') });
  });

  test('that nobody answers for, or that does not take the credentials, says what to look at', () => {
    const named = (name: string) => Object.assign(new Error('x'), { name });
    expect(s3Fault(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 's3://b').message).toMatch(/^s3:\/\/b: .*BACKUP_S3_ENDPOINT/);
    expect(s3Fault(named('SignatureDoesNotMatch'), 's3://b').message).toContain('AWS_SECRET_ACCESS_KEY');
    expect(s3Fault(named('CredentialsProviderError'), 's3://b').message).toContain('no credentials');
    expect(s3Fault(named('SlowDown'), 's3://b')).toMatchObject({ code: 'BackupStoreUnavailable', retryable: true });
  });

  test('has a name, and a prefix with one slash at its end', () => {
    expect(parseS3Address('s3://b')).toEqual({ bucket: 'b', prefix: '' });
    expect(parseS3Address('s3://b//shop/x//')).toEqual({ bucket: 'b', prefix: 'shop/x/' });
  });
});
