/** Publishes to one channel of Redis, on one connection that is opened on demand. */
import type { RedisEndpoint } from '../../core/topology.ts';
import type { Sender } from '../line/protocol.ts';
import { RedisLine } from './line.ts';

export function redisSender(address: RedisEndpoint, channel: string): Sender {
  let line: RedisLine | undefined;
  let closed = false;
  return {
    async send(payload, deadlineMs) {
      const until = performance.now() + deadlineMs;
      if (line === undefined || line.closed) {
        const opened = await RedisLine.open(address, deadlineMs);
        line = opened;
        // Closed while it was opening: no other code would close this connection.
        if (closed) opened.close();
      }
      // The answer is how many subscribers Redis has passed it to; who hears it is the system's affair.
      await line.call(['PUBLISH', channel, payload], Math.max(1, Math.ceil(until - performance.now())));
    },
    close() {
      closed = true;
      line?.close();
    },
  };
}
