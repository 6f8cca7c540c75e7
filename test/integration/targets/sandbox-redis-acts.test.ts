/** Both ends of the way to a sandbox's Redis: what a fault asks arrives at the supervisor's hand, and its answer comes back. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { redisControl } from '../../../packages/sandbox/src/supervisor/redis-control.ts';
import type { RedisActs } from '../../../src/core/acts/redis-acts.ts';
import { ms } from '../../../src/core/units.ts';
import { serveControl } from '../../../src/system/control-socket.ts';
import { sandboxRedisActs } from '../../../src/targets/sandbox-supervisor-acts.ts';

const figures = { connectedClients: 3, usedMemoryBytes: 1_048_576, evictedKeys: 0 };
const hand = {
  keptConnection: true,
  identity: vi.fn<RedisActs['identity']>(async () => 'run-1'),
  config: vi.fn<RedisActs['config']>(async () => '10000'),
  setConfig: vi.fn<RedisActs['setConfig']>(async () => 'changed'),
  pauses: vi.fn<RedisActs['pauses']>(async () => ['p 1']),
  pause: vi.fn<RedisActs['pause']>(async () => undefined),
  renewPause: vi.fn<RedisActs['renewPause']>(async () => false),
  endPause: vi.fn<RedisActs['endPause']>(async () => undefined),
  killNormalConnections: vi.fn<RedisActs['killNormalConnections']>(async () => 12),
  figures: vi.fn<RedisActs['figures']>(async () => figures),
};

let folder: string;
let server: Server;
let acts: RedisActs;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-redis-acts-'));
  const socket = join(folder, 'control');
  server = await serveControl(socket, redisControl(hand));
  acts = sandboxRedisActs(socket);
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

describe('acts on the Redis of a sandbox', () => {
  it('say and do what the hand in the supervisor does, with the same words', async () => {
    const change = { identity: 'run-1', key: 'maxclients', from: '10000', to: '1' } as const;
    const pause = { id: 'p 1', mode: 'all', ttlMs: 3000 } as const;
    expect(await acts.identity()).toBe('run-1');
    expect(await acts.config('maxmemory-policy')).toBe('10000');
    expect(await acts.setConfig(change)).toBe('changed');
    expect(await acts.pauses()).toEqual(['p 1']);
    await acts.pause(pause);
    expect(await acts.renewPause('p 1', ms(3000))).toBe(false);
    await acts.endPause('p 1');
    expect(await acts.killNormalConnections()).toBe(12);
    expect(await acts.figures()).toEqual(figures);
    expect(hand.config).toHaveBeenCalledWith('maxmemory-policy');
    expect(hand.setConfig).toHaveBeenCalledWith(change);
    expect(hand.pause).toHaveBeenCalledWith(pause);
    expect(hand.renewPause).toHaveBeenCalledWith('p 1', 3000);
    expect(hand.endPause).toHaveBeenCalledWith('p 1');
  });

  it('reach no other setting than those that faults are made of', async () => {
    const change = { identity: 'run-1', key: 'dir' as 'maxmemory', from: '/', to: '/tmp' };
    await expect(acts.setConfig(change)).rejects.toThrow(
      'redis setting: expected one of maxclients, maxmemory, got "dir".',
    );
    await expect(acts.config('requirepass' as 'maxmemory')).rejects.toThrow(
      'redis setting: expected one of maxclients, maxmemory, maxmemory-policy, maxmemory-clients, got "requirepass".',
    );
    expect(hand.setConfig).toHaveBeenCalledTimes(1);
  });

  it('tell why Redis gave no answer', async () => {
    hand.identity.mockRejectedValueOnce(new Error('no answer in 1000 ms'));
    await expect(acts.identity()).rejects.toThrow(/expected an answer, got no answer in 1000 ms\.$/);
  });
});
