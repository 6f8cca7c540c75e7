/** A check that is made until it has passed once. Rejects as `check`; callers at the same time share one. */
export function passedOnce(check: () => Promise<void>): () => Promise<void> {
  let passing: Promise<void> | undefined;
  return async () => {
    passing ??= check();
    try {
      await passing;
    } catch (error) {
      passing = undefined;
      throw error;
    }
  };
}
