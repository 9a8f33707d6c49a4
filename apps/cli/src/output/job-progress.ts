import type { JobStatus } from '@kiroku/operations';
import { SingleBar } from 'cli-progress';
import { formatPace, formatProgress } from './format-job.ts';

/** Shows the progress of a job on stderr while it runs; nothing if that is no terminal. */
export interface JobProgressBar extends Disposable {
  readonly show: (status: JobStatus) => void;
}

/** A progress bar for one job: `using progress = jobProgress()`, then `onProgress: progress.show`. */
export function jobProgress(stream: NodeJS.WriteStream = process.stderr): JobProgressBar {
  if (!stream.isTTY) return { show: () => undefined, [Symbol.dispose]: () => undefined };
  const bar = new SingleBar({
    stream,
    format: '{bar}{text}',
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    hideCursor: true,
    linewrap: true,
    gracefulExit: false, // our own interrupt handlers end the job, and then the bar
    emptyOnZero: true,
  });
  let started = false;
  return {
    show: (status) => {
      const { progress } = status;
      const text = `  ${progressLine(status)}`;
      const [total, done] = [progress?.total ?? 0, progress?.done ?? 0];
      if (!started) bar.start(total, 0, { text });
      started = true;
      bar.setTotal(total);
      bar.update(Math.min(done, total), { text });
    },
    [Symbol.dispose]: () => bar.stop(),
  };
}

function progressLine(status: JobStatus): string {
  if (status.progress === undefined) return `${status.verb} begins`;
  return [formatProgress(status.progress), formatPace(status)].filter((part) => part !== '').join('  ');
}
