interface Page<N> {
  readonly edges: readonly { readonly cursor: string; readonly node: N }[];
  readonly hasNextPage: boolean;
}

/** A page as a Relay connection (https://relay.dev/graphql/connections.htm). */
export function toConnection<N, T>(page: Page<N>, after: string | null | undefined, toType: (node: N) => T) {
  const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: toType(node) }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: after !== undefined && after !== null,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
