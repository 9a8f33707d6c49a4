const toldNames = 3;
const toldReasonsAtMost = 2;

/**
 * Why parts are not well, in a line. When a database is gone, everything that needs it says so: those with one reason are named together, and what
 * another reason holds already is not said again.
 */
export function toldReasons(parts: readonly (readonly [name: string, reason: string])[]): string {
  const byReason = new Map<string, string[]>();
  for (const [name, reason] of parts) byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  const reasons = [...byReason.keys()];
  const own = [...byReason].filter(([reason]) => !reasons.some((other) => other !== reason && other.includes(reason)));
  const told = own.slice(0, toldReasonsAtMost);
  const left = parts.length - told.reduce((sum, [, names]) => sum + names.length, 0);
  const others = left === 0 ? [] : [`and ${left} more`];
  return [...told.map(([reason, names]) => `${namesOf(names)}: ${reason}`), ...others].join('; ');
}

function namesOf(names: readonly string[]): string {
  const others = names.length > toldNames ? ` and ${names.length - toldNames} more` : '';
  return `${names.slice(0, toldNames).join(', ')}${others}`;
}
