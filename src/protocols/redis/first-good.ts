/** The first of several servers that answers well: the next is asked when one fails, or takes long. */

/** A server that answers at all has done so by then; one in a black hole delays nobody longer. */
const APART_MS = 60;

/**
 * @param tries in the order in which they begin. @param left what came too late, to be closed.
 * Rejects with the first failure for which `tells` is true, otherwise with the first.
 */
export function firstGood<T>(
  tries: readonly (() => Promise<T>)[],
  left: (value: T) => void,
  tells: (error: unknown) => boolean,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const failures: unknown[] = [];
    let begun = 0;
    let isOver = false;
    let timer: NodeJS.Timeout | undefined;
    const end = (settle: () => void): void => {
      isOver = true;
      clearTimeout(timer);
      settle();
    };
    const beginNext = (): void => {
      clearTimeout(timer);
      const next = tries[begun];
      if (isOver || next === undefined) return;
      begun += 1;
      if (begun < tries.length) timer = setTimeout(beginNext, APART_MS);
      next().then(
        (value) => (isOver ? left(value) : end(() => resolve(value))),
        (error: unknown) => {
          failures.push(error);
          if (isOver) return;
          if (failures.length === tries.length) end(() => reject(failures.find(tells) ?? failures[0]));
          else beginNext();
        },
      );
    };
    if (tries.length === 0) reject(new Error('no address'));
    else beginNext();
  });
}
