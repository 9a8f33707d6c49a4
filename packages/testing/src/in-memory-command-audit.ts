import type { AuditedCommand, AuditFilter, CommandAudit, TrailPage, UnrecordedCommand } from '@kiroku/core';

/** A command audit in memory. For tests. */
export class InMemoryCommandAudit implements CommandAudit {
  readonly #entries: (AuditedCommand & { readonly id: string })[] = [];

  async record(commands: readonly UnrecordedCommand[]): Promise<void> {
    const at = new Date().toISOString();
    for (const command of commands) {
      if (this.#entries.some(({ id }) => id === command.id)) continue;
      this.#entries.push({ ...structuredClone(command), at, sequence: this.#entries.length + 1 });
    }
  }

  async page(filter: AuditFilter, before = this.#entries.length + 1): Promise<TrailPage<AuditedCommand>> {
    const entries = this.#entries
      .slice(0, before - 1)
      .filter((entry) => isWanted(entry, filter))
      .map(({ id: _id, ...entry }, index) => ({ place: entry.sequence ?? index + 1, at: entry.at, entry }));
    return { entries: entries.reverse(), looked: before - 1 };
  }
}

function isWanted(entry: AuditedCommand, { user, outcome, correlationId, type, stream, since, until }: AuditFilter): boolean {
  return (
    (user === undefined || entry.user === user) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (correlationId === undefined || entry.correlationId === correlationId) &&
    (type === undefined || entry.type === type) &&
    (stream === undefined || entry.stream === stream) &&
    (since === undefined || Date.parse(entry.at) >= Date.parse(since)) &&
    (until === undefined || Date.parse(entry.at) <= Date.parse(until))
  );
}
