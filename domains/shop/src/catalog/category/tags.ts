/** What makes two names the same: compatible characters, case, spaces and invisible characters do not count. */
export function normaliseName(name: string): string {
  const visible = name.normalize('NFKC').replace(/\p{Cf}/gu, '');
  // upper, then lower: so that ß equals ss, and every sigma equals every other; lower first, for ẞ is its own capital
  return visible.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC').replace(/\s+/gu, ' ').trim();
}

/** Found on everything that takes or frees a category name. */
export function nameTag(name: string): string {
  return `category-name:${normaliseName(name)}`;
}

/** Found on everything that gives a category a child or takes one away. */
export function childTag(parentId: string): string {
  return `category-parent:${parentId}`;
}

/** The child tag, if there is a parent. */
export function childOf(parentId: string | null): readonly string[] {
  return parentId === null ? [] : [childTag(parentId)];
}

/** Found on everything that puts a product into a category or takes it out. */
export function productTag(categoryId: string): string {
  return `product-category:${categoryId}`;
}
