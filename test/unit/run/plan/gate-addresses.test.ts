import { describe, expect, it } from 'vitest';
import { addressesOf } from '../../../../src/run/plan/gate-addresses.ts';
import { topologyOf } from '../../../fakes/topology.ts';

describe('the addresses of one side of a gate', () => {
  it('are host and port of everything that its target names', () => {
    expect(
      addressesOf(
        topologyOf({
          gateway: { url: 'https://shop.example/api' },
          redis: { url: 'redis://user:secret@10.0.0.9:6380/0' },
          kafka: { brokers: [{ id: 2, client: '10.0.0.3:9092' }] },
          specialists: { business: '10.0.0.4:50051' },
        }),
      ),
    ).toEqual({
      gateway: 'shop.example:443',
      redis: '10.0.0.9:6380',
      'kafka-2': '10.0.0.3:9092',
      'specialist-business': '10.0.0.4:50051',
    });
  });

  it('are none where it names nothing', () => {
    expect(addressesOf(topologyOf({}))).toEqual({});
  });
});
