import { jobProgress } from './job-progress.ts';

/** Shows on stderr how far a task is that is no job; nothing if that is no terminal. */
export interface TaskProgress extends Disposable {
  readonly show: (done: number, total?: number) => void;
}

const intervalMs = 200;

/** `using progress = taskProgress('events export', 'positions')` */
export function taskProgress(verb: string, unit: string, now: () => number = () => performance.now()): TaskProgress {
  const bar = jobProgress();
  const startedAt = now();
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show: (done, total) => {
      if (now() - shownAt < intervalMs) return;
      shownAt = now();
      const rate = done / Math.max((shownAt - startedAt) / 1_000, 0.001);
      bar.show({
        id: '',
        verb,
        progress: { done, unit, ...(total !== undefined && { total }) },
        rate,
        ...(total !== undefined && rate > 0 && { etaSeconds: (total - done) / rate }),
      });
    },
    [Symbol.dispose]: () => bar[Symbol.dispose](),
  };
}
