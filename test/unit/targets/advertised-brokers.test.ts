import { describe, expect, it } from 'vitest';
import type { CarriedLink } from '../../../src/core/carried-link.ts';
import { ledPast } from '../../../src/targets/addresses/advertised-brokers.ts';

const link = (from: string, to: string, host: string): CarriedLink => ({
  ...{ name: `${from}->${to}`, from, to },
  listen: { host, port: 9092 },
  dial: { host: '10.0.0.1', port: 9092 },
});
const BROKERS = [1, 2, 3].map((id) => ({ id, link: `bus-${id}` }));
const at = (id: number, host: string) => ({ id, host, at: `${host}:9092` });

describe('addresses that brokers advertise', () => {
  it('lead clients past the proxy where they are no listen address of their links', () => {
    const own = link('web', 'bus-1', '127.0.0.1');
    expect(ledPast(own, [own], [at(1, '127.0.0.1'), at(2, 'bus-2.internal')], BROKERS)).toEqual([
      'web->bus-1: broker 2 advertises bus-2.internal:9092, which web then dials past the proxy. Advertise a listen address of its own link on a listener for web.',
    ]);
  });

  it('are not judged where each peer resolves the name of a broker by itself', () => {
    const own = link('bus-2', 'bus-1', '127.0.0.21');
    const told = [at(1, 'bus-1.internal'), at(2, '127.0.0.9'), at(3, '127.0.0.3')];
    expect(ledPast(own, [own, link('bus-2', 'bus-3', '127.0.0.23')], told, BROKERS)).toEqual([
      'bus-2->bus-1: broker 3 advertises 127.0.0.3:9092, which bus-2 then dials past the proxy. Advertise 127.0.0.23:9092 on a listener for bus-2.',
    ]);
  });
});
