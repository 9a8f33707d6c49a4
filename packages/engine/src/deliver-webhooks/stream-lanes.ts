import type { RecordedEvent } from '@kiroku/core';
import type { DeliveryCourse } from './delivery-course.ts';
import type { DeliveryProgress } from './delivery-progress.ts';
import type { PacedPoster } from './paced-poster.ts';

export interface StreamLanesOptions {
  readonly poster: PacedPoster;
  readonly progress: DeliveryProgress;
  readonly course: DeliveryCourse;
}

/** Events on their way as they are read: those of a stream one after the other, streams side by side. */
export class StreamLanes {
  readonly #options: StreamLanesOptions;
  /** Of each stream, what is being posted and what waits behind it. */
  readonly #lanes = new Map<string, RecordedEvent[]>();

  constructor(options: StreamLanesOptions) {
    this.#options = options;
  }

  /** The next event of the log. */
  take(event: RecordedEvent): void {
    const { progress, course } = this.#options;
    progress.add(event);
    const lane = this.#lanes.get(event.stream);
    if (lane !== undefined) lane.push(event);
    else if (!progress.keepBehindOthers(event)) {
      const opened = [event];
      this.#lanes.set(event.stream, opened);
      course.track(this.#deliver(event.stream, opened).catch((error: unknown) => course.fail(error)));
    }
  }

  /** Until one fails: then all that are there are kept. */
  async #deliver(stream: string, lane: RecordedEvent[]): Promise<void> {
    const { poster, progress, course } = this.#options;
    for (let event = lane[0]; event !== undefined; event = lane[0]) {
      const result = await poster.post(event, { attempts: 0, failingForMs: 0 });
      if (result === undefined) return; // it ends: the rest stays open
      lane.shift();
      if (result === 'delivered') {
        progress.delivered(event.position);
        course.changed();
      } else progress.block(event, result, lane.splice(0));
    }
    this.#lanes.delete(stream);
    course.changed();
  }
}
