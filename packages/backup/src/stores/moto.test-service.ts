import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

const candidates = ['/usr/bin/moto_server', 'moto_server'];

async function findMoto(): Promise<string | undefined> {
  for (const program of candidates) {
    const there = await promisify(execFile)(program, ['--help']).then(
      () => true,
      () => false,
    );
    if (there) return program;
  }
  return undefined;
}

const program = await findMoto();
/** Ends the name of a test that a store of S3's kind is missing for; empty if there is one. */
export const missing = program === undefined ? ' (needs moto_server: apt-get install python3-moto)' : '';
if (program === undefined && process.env.KIROKU_REQUIRE_TOOLS === '1') throw new Error(`The tests of buckets are skipped:${missing}.`);

/** A store that speaks S3, with buckets in memory. */
export class Moto implements AsyncDisposable {
  readonly endpoint: string;
  readonly #stop: () => Promise<void>;
  #buckets = 0;

  private constructor(endpoint: string, stop: () => Promise<void>) {
    this.endpoint = endpoint;
    this.#stop = stop;
  }

  static async start(): Promise<Moto> {
    if (program === undefined) throw new Error('There is no moto_server.');
    const port = await freePort();
    const server = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    const endpoint = `http://127.0.0.1:${port}`;
    while (
      !(await fetch(endpoint).then(
        () => true,
        () => false,
      ))
    ) {
      if (server.exitCode !== null) throw new Error('moto_server ended.');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return new Moto(endpoint, async () => {
      server.kill();
      await ended;
    });
  }

  /** `s3://` and its name. */
  async newBucket(): Promise<string> {
    this.#buckets += 1;
    const bucket = `bucket-${this.#buckets}`;
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new S3Client({ endpoint: this.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    client.destroy();
    return `s3://${bucket}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number }; // of a TCP server
  await new Promise((resolve) => server.close(resolve));
  return port;
}
