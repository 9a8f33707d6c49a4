interface Node {
  readonly id: string;
  readonly parentId: string | null;
}

/** Puts nodes in the order a tree is read: each after its parent, siblings in the order given, with the depth from 1. */
export function inTreeOrder<N extends Node>(nodes: readonly N[]): (N & { readonly depth: number })[] {
  const byParent = new Map<string | null, N[]>();
  for (const node of nodes) {
    const siblings = byParent.get(node.parentId);
    if (siblings === undefined) byParent.set(node.parentId, [node]);
    else siblings.push(node);
  }
  const below = (parentId: string | null, depth: number): (N & { readonly depth: number })[] =>
    (byParent.get(parentId) ?? []).flatMap((node) => [{ ...node, depth }, ...below(node.id, depth + 1)]);
  return below(null, 1);
}
