import { describe, expect, it } from 'vitest';
import { type FakeOptions, FakePlatform } from '../../../src/chaos/fakes/fake-platform.ts';
import { lackingMeans } from '../../../src/run/check-means.ts';
import { VirtualClock } from '../../../src/system/virtual-clock.ts';

const platformOf = (options: FakeOptions = {}) => new FakePlatform(new VirtualClock(), options).platform;

describe('the means of a machine', () => {
  it('lack nothing where CPUs can be shared and a memory group can be made, or where nobody offers it', async () => {
    expect([...(await lackingMeans(platformOf()))]).toEqual([]);
    const { handle, topology } = platformOf();
    expect([...(await lackingMeans({ handle, topology }))]).toEqual([]);
  });

  it('name what is missing, for each kind of act', async () => {
    const platform = platformOf({
      stressMeans: { kind: 'none', why: 'no taskset' },
      noMemoryGroup: 'no cgroup v1',
    });
    expect([...(await lackingMeans(platform))]).toEqual([
      ['stress', 'no taskset'],
      ['memory', 'no cgroup v1'],
    ]);
  });

  it('are asked of an instance that lives', async () => {
    const platform = platformOf({ noMemoryGroup: 'no cgroup v1' });
    const [first, ...others] = (await platform.instances?.list()) ?? [];
    if (first === undefined || !('pid' in first) || platform.instances === undefined)
      throw new Error('nobody');
    const list = async () => [{ ...first, startTicks: '0' }, ...others];
    const instances = { ...platform.instances, list };
    expect([...(await lackingMeans({ ...platform, instances }))]).toEqual([['memory', 'no cgroup v1']]);
  });
});
