/** Does some work for each, several at a time, and yields what comes of it in the order of what came in. */
export async function* inOrder<In, Out>(source: AsyncIterable<In>, work: (each: In) => Promise<Out>, atOnce: number): AsyncGenerator<Out> {
  const underWay: Promise<Out>[] = [];
  try {
    for await (const each of source) {
      const working = work(each);
      working.catch(() => undefined); // told when its turn comes
      underWay.push(working);
      if (underWay.length >= atOnce) yield (await underWay.shift()) as Out; // there is one
    }
    for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) yield await next;
  } finally {
    await Promise.allSettled(underWay);
  }
}
