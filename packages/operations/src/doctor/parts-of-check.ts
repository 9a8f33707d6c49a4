import type { Found } from './patient.ts';

/** What was found in all that can be looked at; what cannot is told beside it. */
export async function foundInEach(parts: readonly Promise<readonly Found[]>[]): Promise<readonly Found[]> {
  const looked = await Promise.allSettled(parts);
  return looked.flatMap((part): readonly Found[] => (part.status === 'fulfilled' ? part.value : [{ unseen: part.reason }]));
}
