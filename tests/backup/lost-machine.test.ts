import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openRepository } from '@kiroku/backup';
import { encryptedEventStore } from '@kiroku/engine';
import {
  connectionUrls,
  continuousStatus,
  createBackup,
  drill,
  enableContinuous,
  type Installation,
  planRestore,
  restore,
  Supervisor,
} from '@kiroku/operations';
import { PostgresEventStore } from '@kiroku/postgres';
import { FileKeyStore } from '@kiroku/service/keys';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Moto, missing } from '../../packages/backup/src/stores/moto.test-service.ts';
import { testInstallation } from './test-installation.ts';

let root: string;
let moto: Moto | undefined;
/** A bucket if there is a server of them: what another machine has of a lost one. Otherwise a directory. */
let place: string;
let lost: Installation;
let restored: Installation;
const running: Supervisor[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-lost-machine-'));
  await chmod(root, 0o755); // as root, the server runs as another account
  moto = missing === '' ? await Moto.start() : undefined;
  place = moto === undefined ? join(root, 'backups') : `${await moto.newBucket()}/shop`;
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  [lost, restored] = [await machine('one'), await machine('other')];
  await start(lost);
});
afterAll(async () => {
  for (const supervisor of running) await supervisor.stop();
  await moto?.[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

const personal = { subject: ({ id }: { readonly id: string }) => id, fields: ['email'] };
const aggregates = [{ events: { Registered: { schema: undefined as never, personal } } }]; // nothing is validated here
const keysIn = (directory: string) => new FileKeyStore({ directory, secret: 's'.repeat(64) });
const keysOf = ({ dataDirectory }: Installation) => keysIn(join(dataDirectory, 'keys'));
const repository = () => openRepository(lost.backup.repository);

async function machine(name: string): Promise<Installation> {
  const home = join(root, name);
  await mkdir(home);
  const repository = {
    place,
    key: 'a key of thirty-two characters....',
    ...(moto && { s3: { endpoint: moto.endpoint, region: 'us-east-1' } }),
  };
  return testInstallation({ root: home, backup: { repository, archiveTimeoutSeconds: 1 } });
}

async function start(installation: Installation): Promise<void> {
  const supervisor = new Supervisor({ installation, onProgress: () => undefined });
  running.push(supervisor);
  await supervisor.start();
}

/** The log of a machine, as what has the keys there reads and writes it. */
async function withLog<T>(installation: Installation, work: (log: ReturnType<typeof encryptedEventStore>) => Promise<T>): Promise<T> {
  await using store = new PostgresEventStore({ url: (await connectionUrls(installation, 'service')).event_store });
  return await work(encryptedEventStore(store, { aggregates, keys: keysOf(installation) }));
}

async function register(...ids: readonly string[]): Promise<void> {
  await withLog(lost, async (log) => {
    for (const id of ids) {
      const events = [{ type: 'Registered', data: { id, email: `${id}@example.com` } }];
      await log.append({ streams: [{ stream: `customer-${id}`, expectedVersion: 'noStream', events }] });
    }
  });
}

async function emails(installation: Installation): Promise<unknown> {
  const { events } = await withLog(installation, (log) => log.readLog({ after: 0, until: 100, pageSize: 100 }));
  return Object.fromEntries(events.map(({ data }) => [data.id, data.email]));
}

test('what is personal and came after the backup is proven to be kept: a drill reads it with the keys of the repository alone', async () => {
  await enableContinuous(lost);
  await register('before', 'forgotten');
  await createBackup(lost, { repository: await repository() });
  await register('after');
  await keysOf(lost).forget('forgotten');
  const status = async () => continuousStatus(lost, await repository());
  await expect
    .poll(status, { timeout: 60_000, interval: 200 })
    .toMatchObject({ rpoSeconds: 0, keys: { kept: true, waiting: 0 }, coverage: { position: 3 } });
  const from = await repository();
  const [log, keys] = [vi.spyOn(from, 'readWal'), vi.spyOn(from, 'listKeys')];
  const { faults, position } = await drill(lost, { repository: from, keysIn });
  expect({ faults, position }).toEqual({ faults: [], position: 3 });
  // or those of who came meanwhile would be missed
  expect(keys.mock.invocationCallOrder[0]).toBeGreaterThan(log.mock.invocationCallOrder.at(-1) ?? Number.POSITIVE_INFINITY);
});

const sha256 = (subject: string) => createHash('sha256').update(subject).digest('hex');

test('with the machine lost, another one reads it, and who was forgotten stays so, though the backup knows the key', async () => {
  const known = await emails(lost);
  const file = join('keys', sha256('before').slice(0, 2), `${sha256('before')}.json`);
  const text = await readFile(join(lost.dataDirectory, file), 'utf8');
  await running.pop()?.stop();
  await rm(lost.root, { recursive: true });
  await mkdir(dirname(join(restored.dataDirectory, file)), { recursive: true });
  await writeFile(join(restored.dataDirectory, file), text.slice(0, 80)); // of a copy that was cut off
  const plan = await planRestore(restored, await repository(), { kind: 'latest' });
  const report = await restore(restored, plan, { repository: await repository(), keys: keysOf(restored), agree: async () => true });
  expect(report).toMatchObject({ position: 3, keysAdded: 3, notices: [] });
  await start(restored);
  expect(await emails(restored)).toEqual(known);
  expect(known).toMatchObject({ before: 'before@example.com', after: 'after@example.com' });
  expect(JSON.stringify(known)).not.toContain('forgotten@example.com');
  expect(await keysOf(restored).findKey('forgotten')).toBe('forgotten');
});

test.skipIf(missing !== '')(`all of it was in a bucket${missing}`, () => {
  expect(place).toMatch(/^s3:/);
});
