/** The question that each dependency is asked: cheap, harmless, and answered only by something that works. */
import { addressOf, formatAddress } from '../../core/address.ts';
import { ServerWord } from './line.ts';
import type { SocketProtocol } from './socket-line.ts';

/** Size of the Redis probe's payload, each way: small for a network, large enough that a narrow bandwidth shows. */
export const REDIS_PAYLOAD_BYTES = 1024;

/** ECHO of 1 KiB: touches no key, and its time shows latency and bandwidth. */
export function redisProtocol(host: string, port: number): SocketProtocol {
  const payload = 'g'.repeat(REDIS_PAYLOAD_BYTES);
  const request = Buffer.from(`*2\r\n$4\r\nECHO\r\n$${REDIS_PAYLOAD_BYTES}\r\n${payload}\r\n`);
  const whole = `$${REDIS_PAYLOAD_BYTES}\r\n`.length + REDIS_PAYLOAD_BYTES + 2;
  return {
    host,
    port,
    request: () => request,
    answered(bytes) {
      if (bytes[0] !== 0x24) {
        const line = bytes.toString('latin1').split('\r\n')[0] ?? '';
        throw new ServerWord(line.replace(/^-/, '').slice(0, 60));
      }
      return bytes.length >= whole ? true : undefined;
    },
  };
}

/**
 * SETRANGE of nothing on a key that is not there: Redis counts it among the writes (it waits in a pause of writes, and is
 * refused out of memory or by a replica), and it creates no key. The answer is the length of what is stored: 0.
 */
export function redisWriteProtocol(host: string, port: number): SocketProtocol {
  const key = 'gauntlet:write-probe';
  const request = Buffer.from(`*4\r\n$8\r\nSETRANGE\r\n$${key.length}\r\n${key}\r\n$1\r\n0\r\n$0\r\n\r\n`);
  return {
    host,
    port,
    request: () => request,
    answered(bytes) {
      const end = bytes.indexOf('\r\n');
      if (end < 0) return undefined;
      const line = bytes.toString('latin1', 0, end);
      if (!line.startsWith(':')) throw new ServerWord(line.replace(/^-/, '').slice(0, 60));
      return true;
    },
  };
}

/**
 * GET /ready: what a Service asks before it sends users to a pod. 503 means that Redis or the producer is not there; the
 * status is then the outcome.
 */
export function httpReadyProtocol(url: string): SocketProtocol {
  const address = addressOf(url, 80);
  const host = formatAddress(address);
  const request = Buffer.from(`GET /ready HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`);
  return {
    ...address,
    request: () => request,
    answered(bytes) {
      const text = bytes.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return undefined;
      const length = /\r\ncontent-length:\s*(\d+)/i.exec(text.slice(0, end))?.[1];
      const body = text.length - end - 4;
      const complete = length === undefined ? text.endsWith('0\r\n\r\n') : body >= Number(length);
      if (!complete) return undefined;
      const status = text.slice(9, 12);
      if (status !== '200') throw new ServerWord(`http-${status}`);
      return true;
    },
  };
}
