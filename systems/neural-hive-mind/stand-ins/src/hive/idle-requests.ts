/**
 * kafkajs 2.2.4 asks each connection every millisecond whether a request waits behind a throttle, also when none waits: 820
 * wake-ups a second and 0.06 of a core in an idle hive (measured). Here it asks only while one does.
 */
// Imported, not required at run time: a program that is packed holds this very class.
import Queue from 'kafkajs/src/network/requestQueue/index.js';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/** Changes the class for the whole process; a second call changes nothing. @throws Error when kafkajs has no such method any more. */
export function letIdleConnectionsSleep(): void {
  const { prototype } = Queue as { readonly prototype: Partial<RequestQueue> };
  const schedule = prototype.scheduleCheckPendingRequests;
  if (schedule?.name === letIdleConnectionsSleep.name) return;
  if (!schedule) throw new Error('kafkajs has changed: RequestQueue.scheduleCheckPendingRequests is gone');
  const whilePending = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
  Object.defineProperty(whilePending, 'name', { value: letIdleConnectionsSleep.name });
  prototype.scheduleCheckPendingRequests = whilePending;
}
