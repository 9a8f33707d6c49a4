import { type LogPosition, laterPosition, parsePositionToken } from '@kiroku/core';
import { invalid } from './gateway-error.ts';

export const atLeastHeader = 'x-kiroku-at-least';
export const positionHeader = 'x-kiroku-position';

/** How far a client's own writes go, as far as this request knows: from its header, and from the mutations in it. */
export class Session {
  readonly #header: string | readonly string[] | undefined;
  #position: LogPosition | undefined;

  constructor(header: string | readonly string[] | undefined) {
    this.#header = header;
    this.#position = parse(header);
  }

  /** The last position the client has written, if one is known. */
  get position(): LogPosition | undefined {
    return this.#position;
  }

  /** Throws if the header is there and no position. */
  requireValid(): void {
    if (this.#header !== undefined && parse(this.#header) === undefined)
      throw invalid(atLeastHeader, 'must be a position that a mutation returned');
  }

  wrote(position: LogPosition): void {
    this.#position = later(position, this.#position);
  }

  /** What a query must contain: what it asks for itself, and what the client has written. */
  atLeast(asked: LogPosition | null | undefined): LogPosition | undefined {
    const position = asked ? later(asked, this.#position) : this.#position;
    return position?.position === 0 ? undefined : position;
  }
}

function later(one: LogPosition, other: LogPosition | undefined): LogPosition {
  return other === undefined ? one : laterPosition(one, other);
}

function parse(header: string | readonly string[] | undefined): LogPosition | undefined {
  return typeof header === 'string' ? parsePositionToken(header) : undefined;
}
