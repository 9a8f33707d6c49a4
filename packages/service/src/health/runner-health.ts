import type { HealthCheck } from './dependency.ts';

/** What a runner of a process manager says about itself. */
export interface RunnerStatus {
  readonly state: 'running' | 'stalled' | 'stopped';
  readonly position: number | undefined;
  readonly lag: number | undefined;
  readonly error?: Error;
}

/** A check that fails while a runner is stalled or stopped, with the reason and how far behind it is. */
export function runnerCheck(runner: { status(): Promise<RunnerStatus> }): HealthCheck {
  return async () => {
    const { state, position, lag, error } = await runner.status();
    if (state === 'running') return;
    const where = position === undefined ? '' : ` at position ${position}`;
    const behind = lag === undefined ? '' : `, ${lag} events behind`;
    throw new Error(`${state}${where}${behind}${error === undefined ? '' : `: ${error.message}`}`);
  };
}
