/**
 * kafkajs 2.2.4 checks each connection every millisecond for requests that a throttle delays, also when there
 * are none: 820 wake-ups a second and 0.06 of a core in an idle hive (measured). This patch makes it check
 * only while there is one.
 */
// Imported, not required at run time, so that a bundled program patches the class that it uses.
import Queue from 'kafkajs/src/network/requestQueue/index.js';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * Patches the class for the whole process; a second call changes nothing. @throws Error when kafkajs has no
 * such method any more.
 */
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
