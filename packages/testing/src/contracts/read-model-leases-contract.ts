import { describe, expect, test, vi } from 'vitest';
import { ann, attend, attendanceOf, batch, bob, leaseOf, led, log, type ReadModelStoreUnderTest } from './read-model-samples.ts';
import { ledger } from './sample-projection.ts';

const five = { ...ledger, name: 'five-parts', partitions: 5 };

/** Registers the tests of who may write which partition, and of builds beside each other. */
export function leaseContract(name: string, make: () => Promise<ReadModelStoreUnderTest>): void {
  describe(`${name}: leases`, () => {
    test('are all of who is alone, and shared when another comes', async () => {
      await using subject = await make();
      await subject.store.prepare(five, log);
      expect(await attend(subject, 'one', [five])).toEqual([0, 1, 2, 3, 4]);
      expect(await attend(subject, 'two', [five])).toEqual([]);
      const kept = await attend(subject, 'one', [five]);
      const given = await attend(subject, 'two', [five]);
      expect([...kept, ...given].sort()).toEqual([0, 1, 2, 3, 4]);
      expect(Math.abs(kept.length - given.length)).toBe(1);
    });

    test('spread several projections over the instances', async () => {
      await using subject = await make();
      const other = { ...ledger, name: 'other-ledger' };
      for (const each of [ledger, other]) await subject.store.prepare(each, log);
      await attend(subject, 'two', []);
      await Promise.all(['one', 'two'].map((instance) => attend(subject, instance, [ledger, other])));
      await attend(subject, 'one', [ledger, other]);
      await attend(subject, 'two', [ledger, other]);
      expect(await attend(subject, 'one', [ledger, other])).toHaveLength(1);
      expect(await attend(subject, 'two', [ledger, other])).toHaveLength(1);
    });

    test('of who has left are free at once', async () => {
      await using subject = await led(make);
      expect(await attend(subject, 'two', [ledger])).toEqual([]);
      await subject.store.leave('one');
      expect(await attend(subject, 'two', [ledger])).toEqual([0]);
    });

    test('of who is silent are taken over when their time is up, with a later epoch and the same checkpoint', async () => {
      await using subject = await make();
      await subject.store.prepare(ledger, log);
      const [first] = await subject.store.attend({ instance: 'one', projections: [ledger], leaseMs: 40 });
      if (first === undefined) throw new Error('it is the only one');
      await subject.store.apply(batch(first, { upserts: [ann] }));
      const taken = await vi.waitUntil(async () => (await subject.store.attend(attendanceOf('two', [ledger])))[0], 15_000);
      expect(taken).toMatchObject({ partition: 0, position: 5 });
      expect(taken.epoch).toBeGreaterThan(first.epoch);
    });

    test('that were taken over write nothing more, whatever their old owner believes', async () => {
      await using subject = await led(make);
      await subject.store.leave('one');
      const later = await leaseOf(subject, 'two');
      const late = batch(subject.lease, { upserts: [ann] });
      await expect(subject.store.apply(late)).rejects.toMatchObject({ code: 'LeaseLost' });
      await subject.store.stall(subject.lease, 'I am not there any more');
      expect(await subject.rows(ledger, 'account')).toEqual([]);
      expect(await subject.store.checkpoints(ledger)).toEqual([expect.objectContaining({ position: 0, epoch: later.epoch, owner: 'two' })]);
      expect((await subject.store.checkpoints(ledger))[0]?.stalled).toBeUndefined();
    });

    test('are not given for a version that is paused', async () => {
      await using subject = await led(make);
      await subject.setPaused(ledger, true);
      expect(await attend(subject, 'one', [ledger])).toEqual([]);
      await subject.setPaused(ledger, false);
      expect(await attend(subject, 'one', [ledger])).toEqual([0]);
    });

    test('are for what an instance declares, and for each build that is followed', async () => {
      await using subject = await led(make);
      expect(await subject.addBuild(ledger, log)).toBe(2);
      const leases = await subject.store.attend(attendanceOf('one', [ledger, { ...ledger, version: 7 }]));
      expect(leases.map(({ projection, build }) => [projection.version, build])).toEqual([
        [1, 1],
        [1, 2],
      ]);
    });
  });

  describe(`${name}: partitions and builds`, () => {
    test('have checkpoints of their own; the slowest counts', async () => {
      await using subject = await make();
      await subject.store.prepare(five, log);
      const leases = await subject.store.attend(attendanceOf('one', [five]));
      for (const lease of leases) await subject.store.apply(batch(lease, { position: 10 + lease.partition }));
      expect(await subject.store.checkpoint(five)).toBe(10);
      expect((await subject.store.checkpoints(five)).map(({ position }) => position)).toEqual([10, 11, 12, 13, 14]);
      expect(await subject.store.active(five)).toMatchObject({ build: 1, partitions: { length: 5 } });
    });

    test('are apart, and a switch changes which is read', async () => {
      await using subject = await led(make);
      await subject.store.apply(batch(subject.lease, { upserts: [ann] }));
      await subject.addBuild(ledger, log);
      const lease = (await subject.store.attend(attendanceOf('one', [ledger]))).find(({ build }) => build === 2);
      if (lease === undefined) throw new Error('it was made');
      await subject.store.apply(batch(lease, { position: 6, upserts: [bob] }));
      expect(await subject.store.active(ledger)).toMatchObject({ build: 1, partitions: [{ position: 5 }] });
      await subject.switchTo(ledger, 2);
      expect(await subject.store.active(ledger)).toMatchObject({ build: 2, partitions: [{ position: 6 }] });
      expect(await subject.rows(ledger, 'account', 1)).toEqual([ann]);
      expect(await subject.rows(ledger, 'account', 2)).toEqual([bob]);
    });

    test('tell why they cannot go on, since when, and that they can again', async () => {
      await using subject = await led(make);
      await subject.store.stall(subject.lease, 'an event is too new');
      const [first] = await subject.store.checkpoints(ledger);
      expect(first?.stalled).toEqual({ reason: 'an event is too new', since: expect.stringMatching(/^20/) });
      await subject.store.stall(subject.lease, 'another reason');
      expect((await subject.store.checkpoints(ledger))[0]?.stalled).toEqual({ reason: 'another reason', since: first?.stalled?.since });
      await subject.store.stall(subject.lease);
      expect((await subject.store.checkpoints(ledger))[0]?.stalled).toBeUndefined();
    });
  });
}
