const mostKept = 20_000;

/**
 * The keys of calls that this process makes, or has had answered lately. Their outcomes are recorded by whoever made the call, so what is
 * announced of them at the same time need not be decided again.
 */
export class AnsweredCalls {
  /** By key, oldest first: whether it was answered. */
  readonly #calls = new Map<string, Promise<boolean>>();

  /** Makes a call. */
  during<T>(key: string, call: () => Promise<T>): Promise<T> {
    const answer = call();
    const answered = answer.then(
      () => true,
      () => false,
    );
    this.#calls.delete(key);
    this.#calls.set(key, answered);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > mostKept && oldest !== undefined) this.#calls.delete(oldest);
    return answer;
  }

  /** Has the call been answered here, or is it within so many milliseconds? */
  async knows(key: string, waitMs: number): Promise<boolean> {
    const answered = this.#calls.get(key);
    if (answered === undefined) return false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), waitMs);
    });
    try {
      return await Promise.race([answered, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
