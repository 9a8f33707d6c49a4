import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  type MultipartUpload,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { KirokuError } from '@kiroku/core';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';
import { GivenContent } from './given-content.ts';
import { checkObjectName } from './object-name.ts';
import { parseS3Address, type S3Address } from './s3-address.ts';
import { s3Fault } from './s3-fault.ts';

/** An object has at most 10,000 parts: 320 GB. Two are on their way at a time, and so in memory. */
const partBytes = 32 << 20;
const partsAtOnce = 2;

/** Objects in a bucket, under a prefix. */
export class S3Store implements ObjectStore {
  readonly place: string;
  readonly #client: S3Client;
  readonly #address: S3Address;

  constructor(client: S3Client, place: string) {
    this.#client = client;
    this.#address = parseS3Address(place);
    this.place = place;
  }

  async put(name: string, content: AsyncIterable<Uint8Array>): Promise<StoredObject> {
    const given = new GivenContent(content);
    const params = { ...this.#object(name), Body: Readable.from(given, { objectMode: false }) };
    try {
      await new Upload({ client: this.#client, params, partSize: partBytes, queueSize: partsAtOnce }).done();
      return { name, bytes: given.bytes };
    } catch (error) {
      return given.fault(error, (fault) => s3Fault(fault, this.place));
    }
  }

  async create(name: string, content: Uint8Array): Promise<boolean> {
    try {
      await this.#client.send(new PutObjectCommand({ ...this.#object(name), Body: content, IfNoneMatch: '*' }));
      return true;
    } catch (error) {
      if (statusOf(error) === 412) return false;
      throw s3Fault(error, this.place);
    }
  }

  async *get(name: string): AsyncGenerator<Uint8Array> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#object(name)));
      if (Body !== undefined) yield* Body as Readable as AsyncIterable<Buffer>; // with Node, it is one
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey')
        throw new KirokuError('NotFound', `There is no ${name} in ${this.place}.`, { cause: error });
      throw s3Fault(error, this.place);
    }
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    const { bucket, prefix: own } = this.#address;
    try {
      for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#client }, { Bucket: bucket, Prefix: own + prefix }))
        for (const { Key = '', Size = 0 } of Contents) yield { name: Key.slice(own.length), bytes: Size };
    } catch (error) {
      throw s3Fault(error, this.place);
    }
  }

  async delete(name: string): Promise<void> {
    await this.#told(() => this.#client.send(new DeleteObjectCommand(this.#object(name))));
  }

  async removeLeftovers(before: Date): Promise<void> {
    await this.#told(async () => {
      for await (const { Key, UploadId, Initiated } of this.#uploads())
        if (Initiated !== undefined && Initiated < before)
          await this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.#address.bucket, Key, UploadId }));
    });
  }

  async *#uploads(): AsyncGenerator<MultipartUpload> {
    const { bucket, prefix } = this.#address;
    for (let from = {}, more = true; more; ) {
      const page = await this.#client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...from }));
      yield* page.Uploads ?? [];
      from = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      more = page.IsTruncated === true;
    }
  }

  #object(name: string): { readonly Bucket: string; readonly Key: string } {
    checkObjectName(name);
    return { Bucket: this.#address.bucket, Key: this.#address.prefix + name };
  }

  async #told<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw s3Fault(error, this.place);
    }
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
