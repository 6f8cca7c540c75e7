/**
 * Which containers are the brokers of a Kafka: an engine in memory on a real socket, and brokers that answer on
 * real ones. Real containers with a real Kafka are in test/e2e.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaContainers } from '../../../src/core/acts/docker-handle.ts';
import { formatProblem } from '../../../src/core/errors.ts';
import { WireWriter } from '../../../src/protocols/kafka/wire.ts';
import { brokerContainers } from '../../../src/targets/docker/broker-containers.ts';
import { Engine } from '../../../src/targets/docker/engine.ts';
import { API, type FakeBroker, fakeBroker } from '../../fakes/fake-broker.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';

const DESCRIBE_CONFIGS = 32;
const NOT_ITSELF = 42;
const NOT_ALLOWED = 31;

let folder: string;
let engine: FakeEngine;
let asked: Engine;
const brokers: FakeBroker[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-brokers-'));
  engine = new FakeEngine();
  await engine.listen(join(folder, 's'));
  asked = new Engine(join(folder, 's'));
});
afterEach(async () => {
  asked.close();
  await engine.close();
  for (const one of brokers.splice(0)) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param advertised where each broker is for clients. @param own the one that answers; null: it may not say. */
async function broker(own: number | null, advertised: Readonly<Record<number, string>>): Promise<FakeBroker> {
  const one = await fakeBroker();
  brokers.push(one);
  one.answer(API.metadata, () => {
    const writer = new WireWriter().int32(0);
    writer.array(Object.entries(advertised), ([id, at]) => {
      const [host = '', port = ''] = (at === 'itself' ? one.address : at).split(':');
      writer.int32(Number(id)).string(host).int32(Number(port)).string(null);
    });
    return writer
      .string('c')
      .int32(1)
      .array([], () => undefined)
      .finish();
  });
  one.answer(DESCRIBE_CONFIGS, (request) => {
    const ids = request.array(() => {
      request.int8();
      const name = request.string() ?? '';
      request.array(() => request.string());
      return name;
    });
    const writer = new WireWriter().int32(0);
    writer.array(ids, (id) => {
      const code = own === null ? NOT_ALLOWED : String(own) === id ? 0 : NOT_ITSELF;
      writer
        .int16(code)
        .string(null)
        .int8(4)
        .string(id)
        .array([], () => undefined);
    });
    return writer.finish();
  });
  return one;
}

const at = (...some: readonly (readonly [number, FakeBroker])[]) =>
  some.map(([id, { address }]) => ({ id, client: address }));

async function found(
  endpoints: Parameters<typeof brokerContainers>[2],
  where: Partial<KafkaContainers> = {},
): Promise<unknown> {
  const all = await brokerContainers(asked, 'kafka', endpoints, { restart: null, ...where });
  if (all === null) return null;
  return { services: all.services, problems: all.problems.map(formatProblem) };
}

const numbered = (over: object = {}) => ({
  ...over,
  labels: { 'com.docker.compose.container-number': '1' },
});

describe('the brokers of a Kafka', () => {
  it('are the containers whose published ports lead to them, whatever their services are called', async () => {
    const [one, two] = [await broker(1, { 1: 'itself', 2: 'x:1' }), await broker(2, { 2: 'itself' })];
    const second = engine.add('kafka-1', numbered({ published: [{ port: two.port }] }));
    const first = engine.add('bus', numbered({ published: [{ port: one.port }] }));
    engine.add('web');
    expect(await found(at([1, one], [2, two]), { project: 'shop' })).toEqual({
      services: {
        'kafka-1': { project: 'shop', service: 'bus', number: '1', proven: first.id, restart: null },
        'kafka-2': { project: 'shop', service: 'kafka-1', number: '1', proven: second.id, restart: null },
      },
      problems: [],
    });
  });

  it('are the containers that have the names or addresses that they advertise, also to a user who may not read settings', async () => {
    const a = engine.add('kafka-a', numbered({ aliases: ['kafka-a'] }));
    const b = engine.add('kafka-b', numbered({ address: '172.30.0.9' }));
    const one = await broker(null, { 7: 'kafka-a:9092', 8: '172.30.0.9:9092' });
    const restart = { command: 'start {broker}' };
    expect(await found(at([7, one]), { restart })).toEqual({
      services: {
        'kafka-7': {
          ...{ project: 'shop', service: 'kafka-a', number: '1', proven: a.id },
          restart: { command: 'start 7' },
        },
        'kafka-8': {
          ...{ project: 'shop', service: 'kafka-b', number: '1', proven: b.id },
          restart: { command: 'start 8' },
        },
      },
      problems: [],
    });
  });

  it('are replicas of one service, each by its own address; the number of a container is no id', async () => {
    for (const [number, address] of [
      ['1', '172.30.0.21'],
      ['2', '172.30.0.22'],
    ] as const)
      engine.add('kafka', {
        ...{ address, aliases: ['kafka'] },
        labels: { 'com.docker.compose.container-number': number },
      });
    const one = await broker(null, { 1: '172.30.0.22:9092', 2: '172.30.0.21:9092' });
    expect(await found(at([1, one]))).toMatchObject({
      services: {
        'kafka-1': { service: 'kafka', number: '2' },
        'kafka-2': { service: 'kafka', number: '1' },
      },
      problems: [],
    });
  });

  it('have no instance where replicas of one service share the name that is advertised', async () => {
    engine.add('kafka', { aliases: ['kafka'] });
    engine.add('kafka', { aliases: ['kafka'] });
    const one = await broker(null, { 1: 'kafka:9092', 2: 'kafka:9092' });
    expect(await found(at([1, one]))).toEqual({
      services: {},
      problems: ['1', '2'].map(
        (id) =>
          `kafka-${id}: expected a container that serves kafka:9092 alone, got shop-kafka-1, shop-kafka-2. Each broker advertises an address that leads to it alone (advertised.listeners).`,
      ),
    });
  });

  it('are looked for in the services that are named; a name that none has is said', async () => {
    engine.add('kafka-1', { aliases: ['kafka-1'] });
    engine.add('kafka-2', { aliases: ['kafka-2'] });
    const one = await broker(null, { 1: 'kafka-1:9092', 2: 'kafka-2:9092' });
    expect(await found(at([1, one]), { project: 'shop', services: ['kafka-1', 'kafka-3'] })).toMatchObject({
      services: { 'kafka-1': { service: 'kafka-1' } },
      problems: [
        'services.kafka.find.docker: expected Compose services with containers in project shop: kafka-1, kafka-2, got "kafka-3". Did you mean kafka-1?',
        'kafka-2: expected a container that serves kafka-2:9092, got none of shop-kafka-1-1. A broker is found by what it advertises: the name or address of its container in a network of the engine, or a published port.',
      ],
    });
  });

  it('are of one project', async () => {
    for (const project of ['shop', 'old'])
      engine.add(`kafka-${project}`, {
        aliases: [`kafka-${project}`],
        labels: { 'com.docker.compose.project': project },
      });
    const one = await broker(null, { 1: 'kafka-shop:9092', 2: 'kafka-old:9092' });
    expect(await found(at([1, one]))).toEqual({
      services: {},
      problems: [
        'brokers of kafka: expected containers of one Compose project, got shop, old. Name it in the target file: docker: { project: shop }.',
      ],
    });
  });

  it('are not asked for where there is one, which needs no name of its own', async () => {
    engine.add('kafka');
    expect(await found(at([1, await broker(1, { 1: 'itself' })]))).toBeNull();
  });

  it('that are listed need addresses: only Kafka says which is which', async () => {
    engine.add('kafka-1');
    expect(await found([], { services: ['kafka-1', 'kafka-2'] })).toEqual({
      services: {},
      problems: [
        'brokers of kafka: expected the addresses of its brokers, got none. Write them in the target file: services.kafka.address.',
      ],
    });
  });
});
