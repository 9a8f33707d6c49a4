import { invalid } from './gateway-error.ts';

export const atLeastHeader = 'x-kiroku-at-least';
export const positionHeader = 'x-kiroku-position';

/** How far a client's own writes go, as far as this request knows: from its header, and from the mutations in it. */
export class Session {
  readonly #header: string | readonly string[] | undefined;
  #position: number;

  constructor(header: string | readonly string[] | undefined) {
    this.#header = header;
    this.#position = parse(header) ?? 0;
  }

  /** The last position the client has written, 0 if none is known. */
  get position(): number {
    return this.#position;
  }

  /** Throws if the header is there and no position. */
  requireValid(): void {
    if (this.#header !== undefined && parse(this.#header) === undefined)
      throw invalid(atLeastHeader, 'must be a position that a mutation returned');
  }

  wrote(position: number): void {
    this.#position = Math.max(this.#position, position);
  }

  /** What a query must contain: what it asks for itself, and what the client has written. */
  atLeast(asked: number | null | undefined): number | undefined {
    const position = Math.max(asked ?? 0, this.#position);
    return position === 0 ? undefined : position;
  }
}

function parse(header: string | readonly string[] | undefined): number | undefined {
  const value = typeof header === 'string' && /^\d{1,16}$/.test(header) ? Number(header) : undefined;
  return Number.isSafeInteger(value) ? value : undefined;
}
