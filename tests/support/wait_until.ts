/** Waits for a fact instead of sleeping for a time. */
export async function waitUntil(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  limitMs = 10_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!await isTrue()) {
    if (performance.now() > end) {
      throw new Error(`Waited ${limitMs} ms in vain until ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
