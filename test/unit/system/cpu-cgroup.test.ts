/** Of folders that look as the kernel's do; a real control group is in test/e2e/docker.test.ts. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CpuGroup,
  countsOf,
  cpuGroupOf,
  limitOf,
  setLimit,
  whyNoLimitIn,
} from '../../../src/system/cpu-cgroup.ts';

const ID = 'ab'.repeat(32);
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gauntlet-cgroup-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** As /proc shows a process of the container. */
function proc(cgroup: string, mounts: readonly string[]): CpuGroup | undefined {
  put('proc/7/cgroup', cgroup);
  put('proc/self/mountinfo', mounts.join('\n'));
  return cpuGroupOf(7, ID, join(root, 'proc'));
}

const v1 = (controllers: string, mountRoot = '/'): string =>
  `30 25 0:27 ${mountRoot} ${root}/fs/${controllers} rw,relatime - cgroup cgroup rw,${controllers}`;
const v2 = (): string => `30 25 0:27 / ${root}/fs rw,relatime - cgroup2 cgroup2 rw,nsdelegate`;

describe('the group of a container', () => {
  it('is found on v1, with the usage of another controller', () => {
    const lines = `5:cpuacct:/docker/${ID}\n4:cpu:/docker/${ID}\n0::/\n`;
    expect(proc(lines, [v1('cpu'), v1('cpuacct')])).toEqual({
      version: 1,
      folder: `${root}/fs/cpu/docker/${ID}`,
      usage: `${root}/fs/cpuacct/docker/${ID}/cpuacct.usage`,
    });
  });

  it('is found where both controllers are one mount, below a root of its own', () => {
    const found = proc(`4:cpu,cpuacct:/host/docker/${ID}\n`, [v1('cpu,cpuacct', '/host')]);
    expect(found?.folder).toBe(`${root}/fs/cpu,cpuacct/docker/${ID}`);
  });

  it('is found on v2, without the groups that the container has inside', () => {
    const found = proc(`0::/system.slice/docker-${ID}.scope/init\n`, [v2()]);
    expect(found).toEqual({ version: 2, folder: `${root}/fs/system.slice/docker-${ID}.scope` });
  });

  it.each([
    ['4:cpu:/\n5:cpuacct:/\n0::/\n', 'a process of no container'],
    [`4:cpu:/docker/${'cd'.repeat(32)}\n0::/\n`, 'another container'],
    ['', 'no process'],
  ])('is none of %j: %s', (lines) => {
    expect(proc(lines, [v1('cpu'), v1('cpuacct'), v2()])).toBeUndefined();
  });
});

describe('a limit', () => {
  const group = (version: 1 | 2): CpuGroup =>
    version === 1
      ? { version, folder: join(root, 'g'), usage: join(root, 'g/cpuacct.usage') }
      : { version, folder: join(root, 'g') };

  it('of v1 is two files, and the counts are of two controllers', () => {
    put('g/cpu.cfs_quota_us', '-1\n');
    put('g/cpu.cfs_period_us', '100000\n');
    put('g/cpu.stat', 'nr_periods 94\nnr_throttled 8\nthrottled_time 14364214\n');
    put('g/cpuacct.usage', '2500000\n');
    expect(limitOf(group(1))).toEqual({ quotaUs: null, periodUs: 100_000 });
    expect(countsOf(group(1))).toEqual({ cpuMs: 2.5, heldMs: 14.364214, heldPeriods: 8 });
    expect(whyNoLimitIn(group(1))).toBeNull();
    setLimit(group(1), limitOf(group(1)), { quotaUs: 3333, periodUs: 10_000 });
    expect(limitOf(group(1))).toEqual({ quotaUs: 3333, periodUs: 10_000 });
    setLimit(group(1), limitOf(group(1)), { quotaUs: null, periodUs: 100_000 });
    expect(readFileSync(join(root, 'g/cpu.cfs_quota_us'), 'utf8')).toBe('-1');
  });

  it('of v2 is one file, and so are the counts', () => {
    put('g/cpu.max', 'max 100000\n');
    put('g/cpu.stat', 'usage_usec 2500\nuser_usec 5\nnr_periods 9\nnr_throttled 8\nthrottled_usec 14364\n');
    expect(limitOf(group(2))).toEqual({ quotaUs: null, periodUs: 100_000 });
    expect(countsOf(group(2))).toEqual({ cpuMs: 2.5, heldMs: 14.364, heldPeriods: 8 });
    setLimit(group(2), limitOf(group(2)), { quotaUs: 3333, periodUs: 10_000 });
    expect(readFileSync(join(root, 'g/cpu.max'), 'utf8')).toBe('3333 10000');
    setLimit(group(2), limitOf(group(2)), { quotaUs: null, periodUs: 100_000 });
    expect(readFileSync(join(root, 'g/cpu.max'), 'utf8')).toBe('max 100000');
  });

  it('cannot be set where the kernel has none', () => {
    expect(whyNoLimitIn(group(2))).toBe(`no ${root}/g/cpu.max`);
  });
});
