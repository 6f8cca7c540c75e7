import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clusterDown, clusterStatus } from '../../../packages/test-cluster/src/cluster.ts';
import { type GoTool, goToolPath, requireGoTool } from '../../../packages/test-cluster/src/go-tool.ts';
import { startPart, stopPart } from '../../../packages/test-cluster/src/part-process.ts';
import {
  apiServerCommand,
  controllersCommand,
  etcdCommand,
  schedulerCommand,
} from '../../../packages/test-cluster/src/parts.ts';
import {
  clusterFolder,
  livingParts,
  readClusterState,
  writeClusterState,
} from '../../../packages/test-cluster/src/state/cluster-state.ts';
import { processStat } from '../../../src/system/proc.ts';
import type { ToolContext } from '../../../src/system/toolchain/part.ts';

let folder: string;
let ctx: ToolContext;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-cluster-'));
  const places = { cache: join(folder, 'cache'), state: join(folder, 'state') };
  ctx = { places, env: { PATH: '' }, progress: () => undefined };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const TOOL: GoTool = {
  name: 'tool',
  folder: 'tools/tool',
  main: '.',
  ldflags: '',
  proof: ['-v'],
  proofText: 'v1',
  cold: 'a while',
};
const sourcesIn = (text: string): string => {
  const inputs = mkdtempSync(join(folder, 'src-'));
  writeFileSync(join(inputs, 'go.mod'), text);
  return inputs;
};

describe('a Go tool', () => {
  it('has another place in the cache after any edit of its sources or flags', () => {
    const [a, b] = [sourcesIn('module a'), sourcesIn('module b')];
    expect(goToolPath(TOOL, ctx, a)).toBe(goToolPath(TOOL, ctx, sourcesIn('module a')));
    expect(goToolPath(TOOL, ctx, b)).not.toBe(goToolPath(TOOL, ctx, a));
    expect(goToolPath({ ...TOOL, ldflags: '-s' }, ctx, a)).not.toBe(goToolPath(TOOL, ctx, a));
  });

  it('says how to go on when there is no Go, and leaves nothing half-made', async () => {
    await expect(requireGoTool(TOOL, ctx, sourcesIn('module a'))).rejects.toThrow(
      'tool (the test cluster): expected a build with Go from tools/tool, got no go on PATH (any Go from 1.21 fetches the ' +
        'one it needs). Or let the tests use a cluster of your own: GAUNTLET_TEST_KUBECONFIG and GAUNTLET_TEST_CONTEXT.',
    );
    expect(readdirSync(ctx.places.cache).filter((name) => name.startsWith('.tool'))).toEqual([]);
  });
});

describe('the parts of a cluster', () => {
  const ports = { api: 1001, etcd: 1002, etcdPeer: 1003, controllers: 1004, scheduler: 1005 };
  const parts = { mkube: '/m', folder: '/f', ports };

  it('listen on loopback and on nothing else', () => {
    const all = [etcdCommand, apiServerCommand, controllersCommand, schedulerCommand].flatMap((make) =>
      make(parts),
    );
    const addresses = all.filter((arg) => /--(bind|advertise|listen|initial-advertise)-/.test(arg));
    expect(addresses.length).toBeGreaterThan(6);
    expect(addresses.filter((arg) => !arg.includes('127.0.0.1'))).toEqual([]);
  });
});

describe('a process of a cluster', () => {
  it('is stopped by its identity: another process with its pid is left alone', async () => {
    const one = await startPart(folder, 'sleeper', ['/bin/sleep', '60']);
    await stopPart({ ...one, startTicks: '1' });
    expect(processStat(one.pid)?.startTicks).toBe(one.startTicks);
    await stopPart(one);
    expect(processStat(one.pid)).toBeUndefined();
  });

  it('that ignores SIGTERM is killed', async () => {
    const one = await startPart(folder, 'stubborn', [
      '/bin/sh',
      '-c',
      'trap "" TERM; while :; do sleep 0.1; done',
    ]);
    await stopPart(one, 'SIGKILL');
    expect(processStat(one.pid)).toBeUndefined();
  });
});

describe('taking a cluster down', () => {
  it('ends every living part and removes its folder; a second time there is nothing to do', async () => {
    const home = clusterFolder(ctx.places, 'c');
    const one = await startPart(home, 'sleeper', ['/bin/sleep', '60']);
    const state = {
      name: 'c',
      kind: 'api',
      folder: home,
      server: 'https://127.0.0.1:1',
      kubeconfig: '/k',
      services: null,
    } as const;
    writeClusterState({
      ...state,
      services: null,
      processes: [one, { ...one, part: 'dead', startTicks: '1' }],
    });
    const read = readClusterState(ctx.places, 'c');
    expect(read && livingParts(read).map((part) => part.part)).toEqual(['sleeper']);
    expect(clusterStatus('c', ctx.places)).toEqual([
      'cluster c (api): https://127.0.0.1:1',
      '  KUBECONFIG=/k',
      `  sleeper (pid ${one.pid}): running`,
      `  dead (pid ${one.pid}): ENDED`,
    ]);
    expect(await clusterDown('c', ctx)).toBe(true);
    expect(processStat(one.pid)).toBeUndefined();
    expect(readClusterState(ctx.places, 'c')).toBeUndefined();
    expect(clusterStatus('c', ctx.places)).toEqual(['cluster c: not running']);
    expect(await clusterDown('c', ctx)).toBe(false);
  });
});
