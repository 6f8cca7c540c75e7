/** A promise that is settled from outside (Promise.withResolvers, which Node 20 does not have). */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** It may be rejected before anybody looks; who awaits it still gets the rejection. */
export function deferred<T>(): Deferred<T> {
  let settle: Pick<Deferred<T>, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => undefined);
  // The executor of a promise runs at once, so both functions are assigned.
  return { promise, ...(settle as Pick<Deferred<T>, 'resolve' | 'reject'>) } as Deferred<T>;
}
