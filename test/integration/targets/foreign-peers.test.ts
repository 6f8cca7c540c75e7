import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';
import { openKafkaActs } from '../../../src/targets/kafka-acts.ts';
import { createProbe } from '../../../src/targets/probes/create-probe.ts';
import { topologyOf } from '../../fakes/topology.ts';

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

/** A peer that answers everything with `bytes`, optionally repeated for ever. */
async function peer(bytes: Buffer | string, forEver: boolean, host = '127.0.0.1'): Promise<string> {
  const answer = (socket: Socket): void => {
    if (!socket.destroyed) socket.write(bytes, () => forEver && setImmediate(answer, socket));
  };
  const server = createServer((socket) => {
    closers.push(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closers.push(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

async function outcomes(name: string, address: string): Promise<readonly string[]> {
  const topology = topologyOf({
    gateway: { url: `http://${address}` },
    specialists: { business: address },
    kafka: { brokers: [{ id: 1, client: address }] },
    redis: { url: `redis://${address}` },
  });
  const probe = createProbe(name, topology, monotonicClock);
  closers.push(() => probe.close());
  const samples = [await probe.send('fresh', ms(5000)), await probe.send('held', ms(5000))];
  return samples.map((one) => one.outcome);
}

const twice = (word: string): readonly string[] => [word, word];

describe('a probe whose peer is something else', () => {
  it.each([
    ['kafka-1', Buffer.from('ffffffff', 'hex'), 'not a Kafka answer'],
    ['kafka-1', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'not a Kafka answer (it speaks HTTP)'],
    ['redis', '*1\r\n'.repeat(20_000), 'not a Redis answer'],
    ['redis', `$1024\r\n${'x'.repeat(1024)}\r\n`, 'not a Redis answer'],
    ['gateway', Buffer.from('15030300020246', 'hex'), 'not an HTTP answer (it speaks TLS)'],
    ['gateway', 'HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n', 'http-503'],
    ['specialist-business', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'not a gRPC answer'],
  ])('%s says so on both connections and goes on', async (name, bytes, word) => {
    expect(await outcomes(name, await peer(bytes, false))).toEqual(twice(word));
  });

  it.each([
    ['gateway', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', 'not an HTTP answer'],
    ['gateway', `x: ${'y'.repeat(1000)}\r\n`, 'not an HTTP answer'],
    ['redis', `-${'E'.repeat(1000)}`, 'not a Redis answer'],
    ['kafka-1', Buffer.alloc(4096), 'not a Kafka answer'],
  ])('%s stops reading what never ends', async (name, bytes, word) => {
    expect(await outcomes(name, await peer(bytes, true))).toEqual(twice(word));
  });

  it('asks Kafka nothing that a foreign answer could turn into a defect', async () => {
    const client = await peer(Buffer.from('0000000a00000001ffff7fffffff', 'hex'), false);
    await expect(openKafkaActs([{ id: 1, client }]).partitions()).rejects.toThrow('not a Kafka answer');
  });

  it('reaches it on IPv6 as well', async () => {
    expect(
      await outcomes('gateway', await peer('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', false, '::1')),
    ).toEqual(twice('ok'));
  });
});
