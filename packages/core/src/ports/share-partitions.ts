/** A partition of a followed build, and who holds it. */
export interface HeldPartition {
  readonly projection: string;
  readonly version: number;
  readonly build: number;
  readonly partition: number;
  /** Missing if nobody alive holds it. */
  readonly owner?: string;
}

export interface PartitionPlan<P extends HeldPartition> {
  /** What the instance goes on with. */
  readonly keep: readonly P[];
  /** What is free and due to it. */
  readonly take: readonly P[];
  /** What it has too much of. */
  readonly release: readonly P[];
}

/**
 * What one instance does about the partitions it could run. Versions that the same instances declare are shared out together, so that no
 * instance has two partitions more than another; nothing moves between instances that have their share.
 */
export function sharePartitions<P extends HeldPartition>(
  instance: string,
  partitions: readonly P[],
  /** The instances alive that declare a version. */
  declaring: (partition: P) => readonly string[],
): PartitionPlan<P> {
  const groups = new Map<string, { readonly instances: readonly string[]; readonly partitions: P[] }>();
  for (const partition of partitions) {
    const instances = [...new Set(declaring(partition))].sort();
    const id = JSON.stringify(instances);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, { instances, partitions: [partition] });
    else group.partitions.push(partition);
  }
  const plans = [...groups.values()].map((group) => shareGroup(instance, group.instances, [...group.partitions].sort(inOrder)));
  return {
    keep: plans.flatMap(({ keep }) => keep),
    take: plans.flatMap(({ take }) => take),
    release: plans.flatMap(({ release }) => release),
  };
}

function shareGroup<P extends HeldPartition>(instance: string, instances: readonly string[], partitions: readonly P[]): PartitionPlan<P> {
  const count = (owner: string): number => partitions.filter((partition) => partition.owner === owner).length;
  const floor = Math.floor(partitions.length / instances.length);
  const ceiling = Math.ceil(partitions.length / instances.length);
  const mine = partitions.filter(({ owner }) => owner === instance);
  const lacking = (among: readonly string[]): number => among.reduce((sum, each) => sum + Math.max(0, floor - count(each)), 0);
  const free = partitions.filter(({ owner }) => owner === undefined);
  // what is free, or held beyond the ceiling, goes first to those below the floor; what they then still lack comes from those above it
  const excess = instances.reduce((sum, each) => sum + Math.max(0, count(each) - ceiling), 0);
  const owed = lacking(instances) - free.length - excess;
  const above = instances.filter((each) => Math.min(count(each), ceiling) > floor);
  const allowed = owed > 0 && above.slice(0, owed).includes(instance) ? floor : ceiling;
  const spare = free.length - lacking(instances.filter((each) => each !== instance));
  const wanted = mine.length < floor ? floor - mine.length : Math.min(ceiling - mine.length, spare);
  return { keep: mine.slice(0, allowed), take: free.slice(0, Math.max(0, wanted)), release: mine.slice(allowed) };
}

function inOrder(a: HeldPartition, b: HeldPartition): number {
  if (a.projection !== b.projection) return a.projection < b.projection ? -1 : 1;
  return a.version - b.version || a.build - b.build || a.partition - b.partition;
}
