/** Both ends of the way to a sandbox's CPUs: what a fault asks arrives at the supervisor, and its answer comes back. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { stressControl } from '../../../packages/sandbox/src/supervisor/stress-control.ts';
import type { StressActs } from '../../../src/core/acts/stress-acts.ts';
import { ms } from '../../../src/core/units.ts';
import { serveControl } from '../../../src/system/control-socket.ts';
import { sandboxStressActs } from '../../../src/targets/sandbox-supervisor-acts.ts';

const victim = { service: 'hive', instance: 'hive-1', pid: 7, startTicks: '70' };
const use = { ...victim, cpus: null, cpuMs: 1.5, waitedMs: 0.25 };
const state = { id: 's 1', cpu: 1, spinners: 2, spinnerCpuMs: 300 };
const hand = {
  means: vi.fn<StressActs['means']>(async () => ({ kind: 'none', why: 'no taskset' })),
  cpu: vi.fn<StressActs['cpu']>(async () => [use]),
  list: vi.fn<StressActs['list']>(async () => [state]),
  begin: vi.fn<StressActs['begin']>(async () => undefined),
  renew: vi.fn<StressActs['renew']>(async () => false),
  end: vi.fn<StressActs['end']>(async () => undefined),
};

let folder: string;
let server: Server;
let acts: StressActs;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-stress-acts-'));
  const socket = join(folder, 'control');
  server = await serveControl(socket, stressControl(hand));
  acts = sandboxStressActs(socket);
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

it('acts on CPUs say and do what the hand in the supervisor does, with the same words', async () => {
  const stress = { id: 's 1', cpu: 1, workers: 2, victims: [{ victim, cpus: '0-1' }], ttlMs: 3000 };
  expect(await acts.means()).toEqual({ kind: 'none', why: 'no taskset' });
  expect(await acts.cpu('a & b')).toEqual([use]);
  expect(hand.cpu.mock.calls).toEqual([['a & b']]);
  expect(await acts.list()).toEqual([state]);
  await acts.begin(stress);
  expect(hand.begin.mock.calls).toEqual([[stress]]);
  expect(await acts.renew('s 1', ms(2500))).toBe(false);
  expect(hand.renew.mock.calls).toEqual([['s 1', 2500]]);
  await acts.end(stress);
  const { id, cpu, victims } = stress;
  expect(hand.end.mock.calls).toEqual([[{ id, cpu, victims }]]);
});

it('an act that fails in the supervisor fails here, with its words', async () => {
  hand.begin.mockRejectedValueOnce(new Error('threads of process 7 stay on CPU 0-1: no taskset'));
  const stress = { id: 's', cpu: 1, workers: 1, victims: [], ttlMs: 3000 };
  await expect(acts.begin(stress)).rejects.toThrow(
    'PUT /stress: expected an answer, got threads of process 7 stay on CPU 0-1: no taskset.',
  );
});
