import type { RestoreProgress } from '@kiroku/operations';
import { printError } from './print.ts';
import { type TaskProgress, taskProgress } from './task-progress.ts';

export interface RestoreProgressLine extends Disposable {
  readonly show: (progress: RestoreProgress) => void;
  /** Clears the bar, for a question. */
  readonly pause: () => void;
}

/** Steps as lines on stderr, and a bar for what takes long, if that is a terminal. */
export function restoreProgress(): RestoreProgressLine {
  let bar: TaskProgress | undefined;
  let unit = '';
  const pause = () => {
    bar?.[Symbol.dispose]();
    bar = undefined;
  };
  return {
    pause,
    show: (progress) => {
      if (progress.kind === 'step') {
        pause();
        printError(`  ${progress.text}`);
        return;
      }
      if (progress.unit !== unit) pause();
      unit = progress.unit;
      bar ??= taskProgress('restore', unit);
      bar.show(progress.done, progress.total);
    },
    [Symbol.dispose]: pause,
  };
}
