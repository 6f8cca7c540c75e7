/** One question on a connection of its own, with a deadline over both. */
import type { Dialler } from './line.ts';

/** Rejects as `Line.ask`, or with `no answer in N s`; outcomeOf (line.ts) has the word for each failure. */
export async function askWithin(dialler: Dialler, timeoutMs: number): Promise<void> {
  const started = performance.now();
  const line = await dialler.dial(timeoutMs);
  let timer: NodeJS.Timeout | undefined;
  const leftMs = Math.max(0, timeoutMs - (performance.now() - started));
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs / 1000} s`)), leftMs);
  });
  try {
    await Promise.race([line.ask(), late]);
  } finally {
    clearTimeout(timer);
    line.close();
  }
}
