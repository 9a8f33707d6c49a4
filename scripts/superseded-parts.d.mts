export function removeSuperseded(
  folder: string,
  build: { readonly names: ReadonlySet<string>; readonly last: number; readonly begunAt: number },
): Promise<void>;
