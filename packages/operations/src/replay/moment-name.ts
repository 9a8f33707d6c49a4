import { KirokuError } from '@kiroku/core';

/** Instead of the name of a moment: the read models that queries read now. */
export const live = 'live';

/** The name that a moment of this position has unless it is given one. */
function ownName(position: number): string {
  return `at_${position}`;
}

/** The name of a moment. Throws `BadRequest` for one that means something else: `live`, or `at_<n>` of another position. */
export function momentName(position: number, into = ownName(position)): string {
  if (into === live) {
    throw new KirokuError('BadRequest', '"live" means the read models that queries read now, so no moment can have that name.');
  }
  if (/^at_\d+$/.test(into) && into !== ownName(position)) {
    throw new KirokuError(
      'BadRequest',
      `"${into.slice(0, 80)}" would be taken for another position than ${position}. Call it ${ownName(position)}, as it is without --into, or something else.`,
    );
  }
  return into;
}
