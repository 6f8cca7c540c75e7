import { describe, expect, it } from 'vitest';
import { paperSandbox } from '../../../src/targets/sandbox/paper.ts';
import { shopOf } from '../../fakes/sandbox-shop.ts';
import { defaultSystem } from '../../fakes/topology.ts';

describe('what is known of a sandbox before it is up', () => {
  it('is a platform of names: every act reports that the sandbox is not running', async () => {
    const paper = paperSandbox('other', defaultSystem());
    expect(paper.handle).toEqual({ platform: 'sandbox', identity: 'sandbox:other' });
    expect(paper.topology.identity).toBe('sandbox:other');
    expect((await paper.links?.list())?.map((one) => one.name)).toContain('gateway->redis');
    expect((await paper.instances?.list('gateway'))?.map((one) => one.instance)).toEqual([
      'gateway-1',
      'gateway-2',
    ]);
    expect(paper.kafka?.brokers()).toEqual([1, 2, 3]);
    await expect(paper.links?.heal('x')).rejects.toThrow('sandbox other is not up');
  });

  it('is that of any system', async () => {
    const paper = paperSandbox('default', shopOf());
    expect(paper.topology.services.map((one) => one.name)).toEqual([
      'web',
      'orders',
      'bus',
      'cache',
      'store',
    ]);
    expect((await paper.kafka?.partitions())?.map((one) => one.topic)).toEqual(['orders.new', 'orders.done']);
    expect(paper.kafka?.brokers()).toEqual([1]);
    const alone = paperSandbox(
      'default',
      shopOf((text) =>
        text.replace(/ {2}bus:\n.*\n.*\n/, '').replace('orders -> bus, cache', 'orders -> cache'),
      ),
    );
    expect(alone.kafka).toBeUndefined();
  });
});
