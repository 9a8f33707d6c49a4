import type { Faults } from './behaviour.ts';

/** What will happen to one call. */
export interface Fate {
  readonly delayMs: number;
  readonly declineCode?: string;
  readonly fault?: { readonly kind: 'hang' | 'lost' } | { readonly kind: 'error'; readonly status: number };
}

/** Draws a fate. `random` gives numbers from 0 to below 1; three are taken, whatever the faults are. */
export function drawFate(faults: Faults, random: () => number): Fate {
  const [late, declines, fails] = [random(), random(), random()];
  const { hangShare, errorShare, lostShare, errorStatus } = faults;
  const delayMs = faults.delayMs + Math.round(late * faults.delaySpreadMs);
  const fate = declines < faults.declineShare ? { delayMs, declineCode: faults.declineCode } : { delayMs };
  if (fails < hangShare) return { ...fate, fault: { kind: 'hang' } };
  if (fails < hangShare + errorShare) return { ...fate, fault: { kind: 'error', status: errorStatus } };
  return fails < hangShare + errorShare + lostShare ? { ...fate, fault: { kind: 'lost' } } : fate;
}

const words = /^(?:delay=(?<delay>\d{1,6})|decline=(?<decline>[A-Z]\w{0,63})|error=(?<error>5\d\d)|(?<kind>hang|lost))$/;

/** The fate that a request wishes for itself: `x-simulate: delay=200, lost`. `undefined` if it cannot be understood. */
export function wishedFate(header: string): Fate | undefined {
  let fate: Fate = { delayMs: 0 };
  for (const word of header.split(',')) {
    const { delay, decline, error, kind } = words.exec(word.trim())?.groups ?? {};
    if (delay !== undefined) fate = { ...fate, delayMs: Number(delay) };
    else if (decline !== undefined) fate = { ...fate, declineCode: decline };
    else if (error !== undefined) fate = { ...fate, fault: { kind: 'error', status: Number(error) } };
    else if (kind === 'hang' || kind === 'lost') fate = { ...fate, fault: { kind } };
    else return undefined;
  }
  return fate;
}
