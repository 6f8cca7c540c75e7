/** Both ends of the way to a sandbox's memory: what a fault asks arrives at the supervisor, and its answer comes back. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { memoryControl } from '../../../packages/sandbox/src/supervisor/memory-control.ts';
import { LEAST_MEMORY, type MemoryActs } from '../../../src/core/acts/memory-acts.ts';
import { epochMs, ms } from '../../../src/core/units.ts';
import { serveControl } from '../../../src/system/control-socket.ts';
import { sandboxMemoryActs } from '../../../src/targets/sandbox-supervisor-acts.ts';

const victim = { service: 'hive', instance: 'hive-1', pid: 7, startTicks: '70' };
const id = 'memory-stress-0b6f1c2e-0000-4000-8000-000000000000';
const undo = { id, victim, group: '/groups/a b', oomScoreAdj: -5 };
const state = { id, limitBytes: LEAST_MEMORY, usedBytes: 1, hits: 2, hogs: 2, victimKills: 1, hogKills: 0 };
const hand = {
  means: vi.fn<MemoryActs['means']>(async () => ({ kind: 'none', why: 'no cgroup v1' })),
  list: vi.fn<MemoryActs['list']>(async () => [state]),
  begin: vi.fn<MemoryActs['begin']>(async () => undefined),
  renew: vi.fn<MemoryActs['renew']>(async () => false),
  endedAt: vi.fn<MemoryActs['endedAt']>(async () => epochMs(12.5)),
  end: vi.fn<MemoryActs['end']>(async () => undefined),
};

let folder: string;
let server: Server;
let acts: MemoryActs;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-memory-acts-'));
  const socket = join(folder, 'control');
  server = await serveControl(socket, memoryControl(hand));
  acts = sandboxMemoryActs(socket);
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

it('acts on memory say and do what the hand in the supervisor does, with the same words', async () => {
  expect(await acts.means(victim)).toEqual({ kind: 'none', why: 'no cgroup v1' });
  expect(hand.means.mock.calls).toEqual([[victim]]);
  expect(await acts.list()).toEqual([state]);
  const stress = { ...undo, limitBytes: LEAST_MEMORY, ttlMs: 3000 };
  await acts.begin(stress);
  expect(hand.begin.mock.calls).toEqual([[stress]]);
  expect(await acts.renew(id, ms(2500))).toBe(false);
  expect(hand.renew.mock.calls).toEqual([[id, 2500]]);
  expect(await acts.endedAt('a & b')).toBe(12.5);
  expect(hand.endedAt.mock.calls).toEqual([['a & b']]);
  await acts.end(stress);
  expect(hand.end.mock.calls).toEqual([[undo]]);
});

it('an act that fails in the supervisor fails here, with its words', async () => {
  hand.begin.mockRejectedValueOnce(new Error('EBUSY: rmdir'));
  await expect(acts.begin({ ...undo, limitBytes: LEAST_MEMORY, ttlMs: 3000 })).rejects.toThrow(
    'PUT /memory: expected an answer, got EBUSY: rmdir.',
  );
});
