import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../../src/core/address.ts';
import { addressesOf, listenersByPort, listenOf } from '../../../src/core/sandbox/addresses.ts';
import { type Layout, planLayout } from '../../../src/core/sandbox/layout.ts';
import { shopOf } from '../../fakes/sandbox-shop.ts';
import { defaultSystem } from '../../fakes/topology.ts';

const shop = planLayout(shopOf(), 17);
const namesOf = ({ links }: Layout): readonly string[] => links.map((one) => one.name).sort();

describe('the layout of a sandbox', () => {
  it('has a link for each declared one, and those of load and of the probes', () => {
    expect(namesOf(shop)).toEqual(
      [
        ...['client->web', 'client->orders', 'client->orders:grpc'],
        ...[
          'probe->web',
          'probe->orders',
          'probe->orders:grpc',
          'probe->bus-1',
          'probe->cache',
          'probe->store',
        ],
        ...['web->orders', 'web->orders:grpc', 'web->cache'],
        ...['orders->bus-1', 'orders->cache', 'orders->store'],
      ].sort(),
    );
    for (const link of shop.links)
      expect(link.name.replace(/:(grpc|controller)$/, '')).toBe(`${link.from}->${link.to}`);
  });

  it('starts an autoscaled service at its lower bound, with a seat for each of the others', () => {
    const of = (list: Layout['instances']): readonly string[] =>
      list.filter((one) => one.service === 'web').map((one) => one.instance);
    expect([of(shop.instances), of(shop.spare)]).toEqual([['web-1', 'web-2'], ['web-3']]);
    expect(
      shop.links.find((one) => one.name === 'client->web')?.upstreams.map((one) => one.instance),
    ).toEqual(['web-1', 'web-2', 'web-3']);
  });

  it('gives a program a port that no link has, so that a listener on all addresses is not in the way', () => {
    const own = [...shop.instances, ...shop.spare]
      .filter(({ service }) => service === 'web' || service === 'orders')
      .flatMap(({ ports }) => Object.values(ports));
    const linked = shop.links.map((one) => one.listen.port);
    expect(own.filter((port) => linked.includes(port))).toEqual([]);
    expect(listenOf(shop, 'client->web').port).toBe(8080);
  });

  it('lets readiness decide only where a Service would: servers must be reached while they start', () => {
    const gated = new Set(shop.links.filter((link) => link.gated).map((link) => link.to));
    expect(gated).toEqual(new Set(['web', 'orders']));
  });

  it('offers users their own links, and the probes theirs; stores and buses only those of the probes', () => {
    const [client, probe] = [addressesOf(shop, 'client'), addressesOf(shop, 'probe')];
    const at = (name: string) => formatAddress(listenOf(shop, name));
    expect(client['web']).toEqual({ http: [{ address: `http://${at('client->web')}` }] });
    expect(probe['orders']).toEqual({
      http: [{ address: `http://${at('probe->orders')}` }],
      grpc: [{ address: at('probe->orders:grpc') }],
    });
    expect(client['cache']).toEqual({ redis: [{ address: `redis://${at('probe->cache')}` }] });
    const login = { user: 'postgres', database: 'shop' };
    expect(client['store']).toEqual({ postgres: [{ address: at('probe->store'), access: { login } }] });
    expect(client['bus']?.kafka).toEqual([
      { id: 1, address: at('probe->bus-1'), controller: expect.stringMatching(/^127\.17\.0\.\d+:9093$/) },
    ]);
  });

  it('never lets two things listen on one address and port, whatever the system', () => {
    const systems = fc.record({
      subnet: fc.integer({ min: 10, max: 250 }),
      brokers: fc.constantFrom(1, 3),
      most: fc.integer({ min: 2, max: 40 }),
      webDialsBus: fc.boolean(),
    });
    fc.assert(
      fc.property(systems, ({ subnet, brokers, most, webDialsBus }) => {
        const system = shopOf((text) =>
          text
            .replace('max: 3', `max: ${most}`)
            .replace('sandbox: { use: kafka }', `replicas: ${brokers}\n    sandbox: { use: kafka }`)
            .replace('web -> orders', webDialsBus ? 'web -> bus, orders' : 'web -> orders'),
        );
        const layout = planLayout(system, subnet);
        const servers = layout.links.flatMap((link) => link.upstreams.map(formatAddress));
        const listening = layout.links.map((link) => formatAddress(link.listen));
        expect(new Set(listening).size).toBe(layout.links.length);
        expect(listening.filter((address) => servers.includes(address))).toEqual([]);
        for (const address of [...listening, ...servers])
          expect(address.startsWith(`127.${subnet}.`)).toBe(true);
        const hosts = [...listenersByPort(layout).values()].flat();
        expect(hosts.every((host) => Number(host.split('.')[3]) < 255)).toBe(true);
      }),
    );
  });

  it('of the system that comes with Gauntlet has the names that campaigns use', () => {
    const layout = planLayout(defaultSystem(), 17);
    const specialists = ['business', 'technical', 'behavior', 'evolution', 'architecture'].map(
      (kind) => `specialist-${kind}`,
    );
    const kafka = [1, 2, 3].map((id) => `kafka-${id}`);
    const pairs = kafka.flatMap((one) =>
      kafka.filter((other) => other !== one).map((other) => `${one}->${other}`),
    );
    expect(namesOf(layout)).toEqual(
      [
        ...['client->gateway', 'probe->gateway', 'probe->redis', 'gateway->redis', 'hive->redis'],
        // They answer whether they are ready, so the probes reach them; one process carries three of them.
        ...['semantic-translation-engine', 'consensus-engine', 'orchestrator-dynamic', 'hive'].flatMap(
          (name) => [`client->${name}`, `probe->${name}`],
        ),
        ...['orchestrator-dynamic', 'hive'].flatMap((name) => [
          `client->${name}:grpc`,
          `probe->${name}:grpc`,
        ]),
        ...['client', 'probe', 'hive'].flatMap((from) => specialists.map((name) => `${from}->${name}`)),
        ...['probe', 'gateway', 'hive'].flatMap((from) => kafka.map((name) => `${from}->${name}`)),
        ...pairs,
        ...pairs.map((pair) => `${pair}:controller`),
      ].sort(),
    );
    expect(layout.instances.map(({ service, instance }) => [service, instance])).toEqual([
      ['gateway', 'gateway-1'],
      ['gateway', 'gateway-2'],
      ...specialists.map((name) => [name, `${name}-1`]),
      ['hive', 'hive-1'],
      ...kafka.map((name) => [name, name]),
      ['redis', 'redis-1'],
    ]);
  });
});
