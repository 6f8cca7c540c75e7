import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOf, listenOf, planLayout, USUAL_PORTS } from '../../../packages/sandbox/src/layout.ts';
import { formatAddress } from '../../../src/core/address.ts';

const layout = planLayout(17, USUAL_PORTS);
const names = layout.links.map((link) => link.name);

describe('the layout of a sandbox', () => {
  it('has a link for every dependency of every client', () => {
    const specialists = ['business', 'technical', 'behavior', 'evolution', 'architecture'];
    const kafka = [1, 2, 3].map((id) => `kafka-${id}`);
    const pairs = kafka.flatMap((one) =>
      kafka.filter((other) => other !== one).map((other) => `${one}->${other}`),
    );
    expect([...names].sort()).toEqual(
      [
        'client->gateway',
        'probe->gateway',
        'probe->redis',
        'gateway->redis',
        'hive->redis',
        ...['client', 'probe', 'hive'].flatMap((from) =>
          specialists.map((name) => `${from}->specialist-${name}`),
        ),
        ...['probe', 'gateway', 'hive'].flatMap((from) => kafka.map((name) => `${from}->${name}`)),
        ...pairs,
        ...pairs.map((pair) => `${pair}:controller`),
      ].sort(),
    );
  });

  it('says of each link from whom it goes to whom, raft links included', () => {
    for (const link of layout.links) {
      expect(link.name.replace(':controller', '')).toBe(`${link.from}->${link.to}`);
      expect(link.upstreams.length).toBe(link.to === 'gateway' ? 2 : 1);
    }
  });

  it('never lets a link listen where another link or a server does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 250 }), (subnet) => {
        const { links } = planLayout(subnet, USUAL_PORTS);
        const listening = links.map((link) => formatAddress(link.listen));
        const servers = links.flatMap((link) => link.upstreams.map(formatAddress));
        expect(new Set(listening).size).toBe(links.length);
        expect(listening.filter((address) => servers.includes(address))).toEqual([]);
        for (const address of [...listening, ...servers])
          expect(address.startsWith(`127.${subnet}.`)).toBe(true);
      }),
    );
  });

  it('lets readiness decide only where a Service would: brokers must reach each other while they start', () => {
    const gated = layout.links.filter((link) => link.gated).map((link) => link.to);
    expect(new Set(gated)).toEqual(
      new Set([
        'gateway',
        ...['business', 'technical', 'behavior', 'evolution', 'architecture'].map((n) => `specialist-${n}`),
      ]),
    );
  });

  it('shows broker i the others at 127.n.i.j', () => {
    expect(listenOf(layout, 'kafka-1->kafka-3')).toEqual({ host: '127.17.1.3', port: 9092 });
    expect(listenOf(layout, 'kafka-3->kafka-1:controller')).toEqual({ host: '127.17.3.1', port: 9093 });
  });

  it('offers users their own links, and the probes theirs', () => {
    const client = addressesOf(layout, 'client');
    const probe = addressesOf(layout, 'probe');
    expect(client['gateway']).toEqual({ http: [{ address: 'http://127.17.40.21:8000' }] });
    expect(probe['gateway']).toEqual({ http: [{ address: 'http://127.17.30.21:8000' }] });
    expect(client['specialist-business']).toEqual({ grpc: [{ address: '127.17.40.31:50051' }] });
    expect(probe['specialist-business']).toEqual({ grpc: [{ address: '127.17.30.31:50051' }] });
    expect(client['redis']).toEqual({ redis: [{ address: 'redis://127.17.30.10:6379' }] });
    expect(client['kafka']?.kafka?.[1]).toEqual({
      id: 2,
      address: '127.17.30.2:9096',
      controller: '127.17.0.2:9093',
    });
  });
});
