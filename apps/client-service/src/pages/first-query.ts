/** What the query page starts with. */
export const firstQuery = `# The shop's products with their stock. Run it with Ctrl-Enter; the documentation is on the right ("Docs").
query Products {
  products(first: 10) {
    nodes {
      id
      name
      categoryName
      price { formatted }
      stock { available reserved }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;
