import {
  type ActiveBuild,
  type Attendance,
  KirokuError,
  type LogIdentity,
  type ParkedAddress,
  type ParkedEvent,
  type ParkedKeyStore,
  type ParkedQueue,
  type ParkingFault,
  type PartitionCheckpoint,
  type PartitionLease,
  type Projection,
  type ProjectionBatch,
  partitionOf,
  type ReadModelAdvance,
  type ReadModelStore,
  type Row,
  type RowChanges,
  type RowKey,
  rowKeyText,
  type SettleParked,
  sharePartitions,
  toldChanges,
} from '@kiroku/core';

interface Partition {
  position: number;
  movedAt: string;
  epoch: number;
  owner: string | undefined;
  stalled: { readonly reason: string; readonly since: string } | undefined;
}

interface Queue {
  readonly partition: number;
  readonly key?: RowKey;
  positions: readonly number[];
  eventType: string;
  fault: ParkingFault;
  attempts: number;
}

interface Build {
  readonly log: LogIdentity;
  readonly partitions: readonly Partition[];
  readonly tables: { readonly [name: string]: Map<string, Row> };
  /** By table and `rowKeyText`. */
  readonly parked: { readonly [table: string]: Map<string, Queue> };
}

interface Version {
  readonly name: string;
  readonly version: number;
  active: number;
  paused: boolean;
  readonly builds: Map<number, Build>;
  /** Until when each instance is alive, ms. */
  readonly instances: Map<string, number>;
}

/** A read-model store in memory: everything the port promises but durability. For tests. */
export class InMemoryReadModelStore implements ReadModelStore, ParkedKeyStore {
  readonly #versions = new Map<string, Version>();
  readonly #listeners = new Set<(advance: ReadModelAdvance) => void>();
  readonly #now: () => number;

  constructor({ now = Date.now }: { /** Milliseconds, for leases. Default: the clock. */ readonly now?: () => number } = {}) {
    this.#now = now;
  }

  async prepare(projection: Projection, log: LogIdentity): Promise<void> {
    const id = idOf(projection);
    const known = this.#versions.get(id);
    if (known !== undefined) return requireSameLog(id, this.#built(projection, known.active).log, log);
    const { name, version } = projection;
    const builds = new Map([[1, this.#empty(projection, log)]]);
    this.#versions.set(id, { name, version, active: 1, paused: false, builds, instances: new Map() });
  }

  async attend({ instance, projections, leaseMs }: Attendance): Promise<readonly (PartitionLease & { readonly position: number })[]> {
    const now = this.#now();
    const versions = projections.flatMap((projection) => {
      const version = this.#versions.get(idOf(projection));
      return version === undefined ? [] : [{ projection, version }];
    });
    for (const { version } of versions) version.instances.set(instance, now + leaseMs);
    const work = versions.flatMap(({ projection, version }) => (version.paused ? [] : workOf(projection, version, now)));
    const { keep, take, release } = sharePartitions(instance, work, ({ instances }) => instances);
    for (const { place } of release) place.owner = undefined;
    for (const { place } of take) {
      place.owner = instance;
      place.epoch++;
      place.stalled = undefined;
    }
    return [...keep, ...take].map(({ declared, build, partition, partitions, place }) => ({
      projection: declared,
      build,
      partition,
      partitions,
      epoch: place.epoch,
      position: place.position,
    }));
  }

  async leave(instance: string): Promise<void> {
    for (const version of this.#versions.values()) {
      version.instances.delete(instance);
      for (const { partitions } of version.builds.values()) {
        for (const partition of partitions) if (partition.owner === instance) partition.owner = undefined;
      }
    }
  }

  async checkpoint(projection: Projection): Promise<number> {
    const partitions = await this.checkpoints(projection);
    return partitions.length === 0 ? 0 : Math.min(...partitions.map(({ position }) => position));
  }

  async active(projection: Projection): Promise<ActiveBuild | undefined> {
    const build = this.#versions.get(idOf(projection))?.active;
    return build === undefined ? undefined : { build, partitions: await this.checkpoints(projection, build) };
  }

  async checkpoints(projection: Projection, build?: number): Promise<readonly PartitionCheckpoint[]> {
    const version = this.#versions.get(idOf(projection));
    const partitions = version?.builds.get(build ?? version.active)?.partitions ?? [];
    return partitions.map(({ position, movedAt, epoch, owner, stalled }, partition) => {
      const alive = owner !== undefined && version !== undefined && isAlive(version, owner, this.#now());
      return { partition, position, movedAt, epoch, ...(alive && { owner }), ...(stalled && { stalled }) };
    });
  }

  async apply({ lease, after, position, log, touched, fold, run }: ProjectionBatch): Promise<void> {
    const { projection } = lease;
    if (run !== undefined) throw new KirokuError('ProjectionUnsupported', `${projection.name} needs a database for its SQL.`);
    const { built, partition } = this.#held(lease);
    if (partition.epoch !== lease.epoch) throw new KirokuError('LeaseLost', `Epoch ${partition.epoch} has this partition now.`);
    requireSameLog(idOf(projection), built.log, log);
    if (partition.position !== after) {
      throw new KirokuError('CheckpointConflict', `${projection.name} is at position ${partition.position}, not ${after}.`);
    }
    const texts = Object.entries(touched).map(
      ([name, keys]) => [name, new Set(keys.map((key) => rowKeyText(projection.tables[name] ?? { key: [] }, key)))] as const,
    );
    const rows = texts.map(([name, keys]) => [name, new Map([...tableOf(built, name)].filter(([text]) => keys.has(text)))] as const);
    const parked = texts.flatMap(([name, keys]) => {
      const found = [...(built.parked[name]?.keys() ?? [])].filter((text) => keys.has(text));
      return found.length === 0 ? [] : [[name, new Set(found)] as const];
    });
    const { changes, parks } = fold({ rows: Object.fromEntries(rows), parked: Object.fromEntries(parked) });
    const told = toldChanges(projection, changes, Object.fromEntries(rows));
    for (const change of changes) write(projection, built, change);
    for (const event of parks) park(built, lease.partition, event);
    partition.position = position;
    partition.movedAt = new Date(this.#now()).toISOString();
    this.#tell(lease, lease.partition, position, told);
  }

  async stall(lease: PartitionLease, reason?: string): Promise<void> {
    const { partition } = this.#held(lease);
    if (partition.epoch !== lease.epoch) return;
    const since = partition.stalled?.since ?? new Date(this.#now()).toISOString();
    partition.stalled = reason === undefined ? undefined : { reason, since };
  }

  async *advances(signal: AbortSignal, onListening?: (isListening: boolean) => void): AsyncGenerator<ReadModelAdvance> {
    const waiting: ReadModelAdvance[] = [];
    let wake = (): void => undefined;
    const tell = (advance: ReadModelAdvance): void => {
      waiting.push(advance);
      wake();
    };
    this.#listeners.add(tell);
    onListening?.(true);
    signal.addEventListener('abort', () => wake(), { once: true });
    try {
      while (!signal.aborted) {
        const advance = waiting.shift();
        if (advance !== undefined) yield advance;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      onListening?.(false);
      this.#listeners.delete(tell);
    }
  }

  async parked({ projection, build, table, keyText }: ParkedAddress): Promise<ParkedQueue | undefined> {
    const built = this.#built(projection, build);
    const queue = built.parked[table]?.get(keyText);
    return queue && { ...queue, partitions: built.partitions.length, checkpoints: checkpointsOf(built) };
  }

  async settleParked({ parked, positions, keys, fold }: SettleParked): Promise<void> {
    const { projection, build, table, keyText } = parked;
    const built = this.#built(projection, build);
    const requireSame = (should: unknown, is: unknown) => {
      if (JSON.stringify(is) === JSON.stringify(should)) return;
      throw new KirokuError('CheckpointConflict', `What is parked of ${keyText} has changed since it was looked at.`);
    };
    const queue = built.parked[table]?.get(keyText);
    requireSame(positions, queue?.positions);
    const texts = new Set(keys.map((key) => rowKeyText(projection.tables[table] ?? { key: [] }, key)));
    const checkpoints = checkpointsOf(built);
    const before = new Map([...tableOf(built, table)].filter(([text]) => texts.has(text)));
    const { changes, rest, parks } = await fold(before, checkpoints);
    requireSame([positions, checkpoints], [queue?.positions, checkpointsOf(built)]); // nothing is locked here
    if (queue === undefined) return;
    if (parks !== undefined) for (const text of texts) built.parked[table]?.delete(text);
    for (const event of parks ?? []) park(built, partitionOf(event.keyText, built.partitions.length), event);
    write(projection, built, { table, ...changes });
    if (rest === undefined) built.parked[table]?.delete(keyText);
    else Object.assign(queue, rest, { attempts: queue.attempts + 1 });
    if (changes.upserts.length + changes.deletes.length > 0) {
      const told = toldChanges(projection, [{ table, ...changes }], { [table]: before });
      this.#tell(parked, queue.partition, built.partitions[queue.partition]?.position ?? 0, told);
    }
  }

  /** The rows of a table, in no order; of the build that is read by default. */
  async rows(projection: Projection, table: string, build?: number): Promise<readonly Row[]> {
    return [...tableOf(this.#built(projection, build), table).values()];
  }

  /** Stops or lets go on what follows a version. */
  async setPaused(projection: Projection, paused: boolean): Promise<void> {
    this.#version(projection).paused = paused;
  }

  /** Makes another build that is followed from the beginning of the log, and returns its number. */
  async addBuild(projection: Projection, log: LogIdentity): Promise<number> {
    const { builds } = this.#version(projection);
    builds.set(builds.size + 1, this.#empty(projection, log));
    return builds.size;
  }

  /** Makes a build the one that is read. */
  async switchTo(projection: Projection, build: number, { isTold = true }: { readonly isTold?: boolean } = {}): Promise<void> {
    this.#version(projection).active = build;
    const position = this.#built(projection, build).partitions[0]?.position ?? 0;
    if (isTold) this.#tell({ projection, build }, 0, position, { changed: undefined, isRead: true });
  }

  #empty(projection: Projection, log: LogIdentity): Build {
    const names = Object.keys(projection.tables);
    const movedAt = new Date(this.#now()).toISOString();
    return {
      log,
      partitions: Array.from({ length: projection.partitions }, () => ({
        position: 0,
        movedAt,
        epoch: 0,
        owner: undefined,
        stalled: undefined,
      })),
      tables: Object.fromEntries(names.map((name) => [name, new Map<string, Row>()])),
      parked: Object.fromEntries(names.map((name) => [name, new Map<string, Queue>()])),
    };
  }

  #version(projection: Projection): Version {
    const version = this.#versions.get(idOf(projection));
    if (version === undefined)
      throw new KirokuError('Internal', `${projection.name} is not registered. Call prepare before anything else.`);
    return version;
  }

  #built(projection: Projection, build?: number): Build {
    const version = this.#version(projection);
    const built = version.builds.get(build ?? version.active);
    if (built === undefined) throw new KirokuError('Internal', `${projection.name} has no build ${build}.`);
    return built;
  }

  #held(lease: PartitionLease): { readonly built: Build; readonly partition: Partition } {
    const built = this.#built(lease.projection, lease.build);
    const partition = built.partitions[lease.partition];
    if (partition === undefined) throw new KirokuError('Internal', `There is no partition ${lease.partition}.`);
    return { built, partition };
  }

  #tell(
    { projection: { name, version }, build }: Pick<PartitionLease, 'projection' | 'build'>,
    partition: number,
    position: number,
    changes: Pick<ReadModelAdvance, 'changed' | 'lists' | 'isRead'>,
  ): void {
    for (const tell of this.#listeners) tell({ projection: name, version, build, partition, position, ...changes });
  }
}

function workOf(projection: Projection, version: Version, now: number) {
  const instances = [...version.instances.keys()].filter((instance) => isAlive(version, instance, now));
  return [...version.builds].flatMap(([build, { partitions }]) =>
    partitions.map((place, partition) => ({
      projection: version.name,
      version: version.version,
      build,
      partition,
      ...(place.owner !== undefined && isAlive(version, place.owner, now) && { owner: place.owner }),
      declared: projection,
      partitions: partitions.length,
      place,
      instances,
    })),
  );
}

function isAlive({ instances }: Version, instance: string, now: number): boolean {
  return (instances.get(instance) ?? 0) > now;
}

function write(projection: Projection, built: Build, { table: name, upserts, deletes }: RowChanges): void {
  const table = tableOf(built, name);
  const keyText = (row: Row): string => rowKeyText(projection.tables[name] ?? { key: [] }, row);
  for (const key of deletes) table.delete(keyText(key));
  for (const row of upserts) table.set(keyText(row), row);
}

function checkpointsOf({ partitions }: Build): readonly number[] {
  return partitions.map(({ position }) => position);
}

function park(built: Build, partition: number, { table, keyText, key, position, eventType, fault }: ParkedEvent): void {
  const queues = built.parked[table];
  const queue = queues?.get(keyText);
  if (queue !== undefined) queue.positions = [...queue.positions, position];
  else if (fault !== undefined)
    queues?.set(keyText, { partition, ...(key && { key }), positions: [position], eventType, fault, attempts: 1 });
}

function tableOf(built: Build, name: string): Map<string, Row> {
  const table = built.tables[name];
  if (table === undefined) throw new KirokuError('DefinitionInvalid', `There is no table "${name}".`);
  return table;
}

function requireSameLog(id: string, built: LogIdentity, log: LogIdentity): void {
  if (built.id === log.id && built.timeline === log.timeline) return;
  throw new KirokuError(
    'LogMismatch',
    `${id} was built from log ${built.id}, timeline ${built.timeline}, not ${log.id}, timeline ${log.timeline}.`,
  );
}

function idOf({ name, version }: Projection): string {
  return `${name} version ${version}`;
}
