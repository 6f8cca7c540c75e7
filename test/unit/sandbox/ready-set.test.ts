import { describe, expect, it } from 'vitest';
import { ReadySet, type Upstream, upstreamsOf } from '../../../packages/sandbox/src/supervisor/ready-set.ts';
import { planLayout } from '../../../src/core/sandbox/layout.ts';
import { defaultSystem } from '../../fakes/topology.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

const { links } = planLayout(defaultSystem(), 17);
const gatewayLinks = ['client->gateway', 'probe->gateway'];

function rig(push: (name: string, upstreams: readonly Upstream[]) => Promise<void>) {
  const clock = new VirtualClock(0);
  const ready = new Set<string>();
  const stop = new AbortController();
  const readySet = new ReadySet({
    links,
    isReady: (instance) => ready.has(instance),
    push,
    clock,
    stopped: stop.signal,
  });
  return { clock, ready, readySet, stop };
}

describe('the ready set of the proxy', () => {
  it('sends the ready instances to every link of a service, and no other', async () => {
    const pushed: [string, string[]][] = [];
    const { ready, readySet } = rig(async (name, upstreams) => {
      pushed.push([name, upstreams.filter((one) => one.ready).map((one) => one.instance)]);
    });
    ready.add('gateway-2');
    readySet.changed('gateway-1');
    await readySet.settled();
    expect(pushed).toEqual(gatewayLinks.map((name) => [name, ['gateway-2']]));
  });

  it('sends every link of a Service to a new proxy', async () => {
    const pushed: string[] = [];
    const { readySet } = rig(async (name) => void pushed.push(name));
    readySet.changed();
    await readySet.settled();
    expect(pushed.sort()).toEqual(
      links
        .filter((link) => link.gated)
        .map((link) => link.name)
        .sort(),
    );
  });

  it('pushes what is true at the time of the push, not of the change', async () => {
    const seen: boolean[] = [];
    const { ready, readySet } = rig(
      async (_name, upstreams) => void seen.push(upstreams.some((one) => one.ready)),
    );
    readySet.changed('hive-has-no-link');
    await readySet.settled();
    readySet.changed('gateway-1');
    ready.add('gateway-1');
    await readySet.settled();
    expect(seen.at(-1)).toBe(true);
  });

  it('does not give up while the proxy is away, and then sends only the newest', async () => {
    let away = true;
    const arrived: number[] = [];
    const { clock, ready, readySet } = rig(async (_name, upstreams) => {
      if (away) throw new Error('ECONNREFUSED');
      arrived.push(upstreams.filter((one) => one.ready).length);
    });
    ready.add('gateway-1');
    readySet.changed('gateway-1');
    await clock.advance(300);
    ready.add('gateway-2');
    readySet.changed('gateway-1');
    away = false;
    await clock.advance(1000);
    await readySet.settled();
    expect(arrived).toEqual([2, 2]);
  });

  it('stops when the supervisor does', async () => {
    let tries = 0;
    const { clock, readySet, stop } = rig(async () => {
      tries += 1;
      throw new Error('ECONNREFUSED');
    });
    readySet.changed('gateway-1');
    await clock.advance(700);
    stop.abort(new Error('down'));
    await clock.advance(10);
    const before = tries;
    await clock.advance(10_000);
    expect(before).toBeGreaterThan(5);
    expect(tries).toBe(before);
  });

  it('calls the servers of ungated links ready always', () => {
    const link = links.find((one) => one.name === 'kafka-1->kafka-2');
    expect(link && upstreamsOf(link, () => false).map((one) => one.ready)).toEqual([true]);
  });
});
