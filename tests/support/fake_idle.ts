/**
 * Knows when nothing can go on any more unless time passes.
 *
 * @module
 */

/** Answers of WebCrypto that are still on their way. */
const underWay = new Set<Promise<unknown>>();

function watched<F extends (...args: never[]) => Promise<unknown>>(
  method: F,
): F {
  return new Proxy(method, {
    apply(target, self, args) {
      const result = Reflect.apply(target, self, args);
      const settled = result.then(() => undefined, () => undefined)
        .finally(() => underWay.delete(settled));
      underWay.add(settled);
      return result;
    },
  });
}

// WebCrypto answers from another thread: without this, time would pass in the
// middle of a computation, and a probe would time out now and then.
const { prototype } = SubtleCrypto;
prototype.digest = watched(prototype.digest);
prototype.importKey = watched(prototype.importKey);
prototype.sign = watched(prototype.sign);
prototype.verify = watched(prototype.verify);

/**
 * Settles when every microtask has run, however long their chains are, and no
 * WebCrypto answer is on its way. Takes a turn of the event loop, not time.
 */
export async function idle(): Promise<void> {
  do {
    if (underWay.size > 0) await Promise.all(underWay);
    await new Promise<void>((resolve) => setImmediate(resolve));
  } while (underWay.size > 0);
}
