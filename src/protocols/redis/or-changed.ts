/** Answers of several servers, or that others have taken the place of one that does not answer. */

import { within } from './within.ts';

const LOOK_MS = 500;

/**
 * @param changed asked while the answers are not there: true ends the wait. Null: it did. Rejects as the answers.
 */
export async function orChanged<T>(answers: Promise<T>, changed: () => Promise<boolean>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const looked = new Promise<null>((resolve) => {
    let isLooking = false;
    timer = setInterval(() => {
      if (isLooking) return;
      isLooking = true;
      // What does not answer now may be what hangs: it is asked again.
      void within(changed(), LOOK_MS)
        .catch(() => false)
        .then((isChanged) => {
          isLooking = false;
          if (isChanged) resolve(null);
        });
    }, LOOK_MS);
  });
  try {
    return await Promise.race([answers, looked]);
  } finally {
    clearInterval(timer);
    answers.catch(() => undefined);
  }
}
