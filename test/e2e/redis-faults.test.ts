/** Faults inside a real Redis: each is applied, seen by real probes, and taken back without a trace. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJournal } from '../../src/chaos/healing/journal.ts';
import { seededRng } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { RedisLine } from '../../src/protocols/redis/line.ts';
import { processStat } from '../../src/system/proc.ts';
import { redisStage } from './support-chaos/redis-stage.ts';
import { until } from './support-services/spawned.ts';
import { testProgram } from './support-services/test-program.ts';

let stage: Awaited<ReturnType<typeof redisStage>>;
beforeEach(async () => {
  stage = await redisStage();
});
afterEach(() => stage.close());

describe('redis-pause', () => {
  it('of all commands: no client gets an answer from the proof to the undo, and every client does soon after', async () => {
    const before = await stage.snapshot();
    const record = await stage.run('redis-pause', { for: '2500ms' });
    expect(record).toMatchObject({ status: 'injected', cutShort: null });
    const undoing = (record.injectedAt ?? Number.NaN) + 2500;
    const held = stage.samplesBetween(record.injectedAt, undoing);
    expect(held.length).toBeGreaterThan(20);
    // A request that waited past the end is answered late; within the pause there is not one answer.
    expect(held.filter((one) => one.ok && one.at + one.tookMs < undoing)).toEqual([]);
    expect((record.removedAt ?? Number.NaN) - undoing).toBeLessThan(1500);
    expect(await stage.snapshot()).toEqual(before);
  });

  it('of writes: writes stall on both connections while reads go on', async () => {
    const before = await stage.snapshot();
    const record = await stage.run('redis-pause', { mode: 'write', for: '1500ms' });
    expect(record).toMatchObject({ status: 'injected', cutShort: null });
    const during = stage.samplesBetween(record.injectedAt, record.removedAt);
    const undoing = (record.injectedAt ?? Number.NaN) + 1500;
    const writes = during.filter((one) => one.probe === 'redis:write' && one.at + one.tookMs < undoing);
    expect(writes.filter((one) => one.ok)).toEqual([]);
    expect(during.filter((one) => one.probe === 'redis' && !one.ok)).toEqual([]);
    expect(await stage.snapshot()).toEqual(before);
  });

  it('ends by itself without a renewal', async () => {
    await stage.controller.pause({ id: 'p', mode: 'all', ttlMs: 700 });
    const began = performance.now();
    await expect(stage.ask('PING')).resolves.toBe('PONG');
    const lasted = performance.now() - began;
    expect(lasted).toBeGreaterThan(500);
    expect(lasted).toBeLessThan(1800);
    expect(await stage.controller.renewPause('p', ms(1000))).toBe(false);
  });
});

describe('redis-maxclients', () => {
  it('refuses new connections, keeps open ones, and is undone although no new client can connect', async () => {
    const before = await stage.snapshot();
    let word = '';
    let open: unknown;
    const record = await stage.run(
      'redis-maxclients',
      { for: '1s' },
      {
        onInjected: () => {
          void RedisLine.open(stage.at, 1000)
            .then((line) => line.call(['PING'], 1000))
            .catch((error: Error) => {
              word = error.message;
            });
          void stage.ask('GET', 'key:1').then((value) => {
            open = value;
          });
        },
      },
    );
    expect(record).toMatchObject({ status: 'injected', cutShort: null });
    expect(record.injection?.fresh).toMatch(/^(ERR max number of clients reached|reset)/);
    expect(record.injection?.held).toMatch(/^ok/);
    expect(record.removal?.evidence).toMatch(/^maxclients is \d+ as before$/);
    expect(word).toMatch(/max number of clients|closed|ECONNRESET|EPIPE/);
    expect(open).toBe('value 1');
    expect(await stage.snapshot()).toEqual(before);
  });

  it('does not overwrite the value of another client: that is residue, with both values', async () => {
    const [, original] = (await stage.ask('CONFIG', 'GET', 'maxclients')) as [string, string];
    const record = await stage.run(
      'redis-maxclients',
      { for: '500ms' },
      {
        removalTimeoutMs: 1000,
        onInjected: () => void stage.ask('CONFIG', 'SET', 'maxclients', '77'),
      },
    );
    expect(record.status).toBe('residue');
    expect(record.removal?.evidence).toBe(
      `maxclients is 77: another client changed it meanwhile (before ${original}, by us 1); not overwritten`,
    );
    expect(await stage.ask('CONFIG', 'GET', 'maxclients')).toEqual(['maxclients', '77']);
    expect(stage.openEntries()).toHaveLength(1);
  });
});

describe('redis-maxmemory', () => {
  it('refuses writes and keeps every key', async () => {
    const before = await stage.snapshot();
    const record = await stage.run('redis-maxmemory', { for: '1s' });
    expect(record).toMatchObject({ status: 'injected', cutShort: null });
    expect(record.injection?.held).toMatch(/^OOM command not allowed/);
    expect(record.injection?.fresh).toMatch(/^OOM command not allowed/);
    expect(await stage.snapshot()).toEqual(before);
  });

  it('is refused under an evicting policy, and with the loss declared it says how many keys are gone', async () => {
    await stage.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await expect(stage.run('redis-maxmemory', { for: '1s' })).rejects.toMatchObject({ kind: 'refused' });
    expect(await stage.ask('DBSIZE')).toBe(500);
    const record = await stage.run('redis-maxmemory', { for: '500ms', 'accept-data-loss': true });
    expect(record.status).toBe('injected');
    expect(record.removal?.evidence).toBe(
      'maxmemory is 0 as before; 500 keys were evicted and do not come back',
    );
    expect(await stage.ask('DBSIZE')).toBe(0);
  });
});

describe('redis-kill-connections', () => {
  it('closes open connections, and new ones work', async () => {
    const before = await stage.snapshot();
    const record = await stage.run('redis-kill-connections', {});
    expect(record).toMatchObject({ status: 'injected', cutShort: null });
    await expect(stage.ask('PING')).rejects.toThrow(/closed|ECONNRESET|EPIPE/);
    expect(await stage.snapshot()).toEqual(before);
  });
});

describe('a restart in the middle', () => {
  it('takes the setting with it: nothing is written to the new server', async () => {
    const identity = await stage.controller.identity();
    const change = { identity, key: 'maxmemory', from: '0', to: '1' } as const;
    expect(await stage.controller.setConfig(change)).toBe('set');
    const second = await stage.restart();
    try {
      const back = { ...change, from: '1', to: '0' };
      expect(await stage.controller.setConfig(back)).toBe('restarted');
      expect(await stage.controller.config('maxmemory')).toBe('0');
    } finally {
      await second.stop();
    }
  });
});

describe('a killed harness', () => {
  it.each([
    ['redis-maxclients', 'maxclients', 'SIGKILL'],
    ['redis-maxclients', 'maxclients', 'SIGSTOP'],
    ['redis-maxmemory', 'maxmemory', 'SIGKILL'],
  ] as const)('%s: the lease keeper sets %s back after %s', async (fault, key, signal) => {
    const before = await stage.snapshot();
    const control = await stage.serve();
    const script = testProgram('fault-harness');
    const config = { folder: stage.folder, stateFile: control.stateFile, ttlMs: 2000, hold: '5m', fault };
    const child = spawn(process.execPath, [script, JSON.stringify(config)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const ended = once(child, 'exit');
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      const explain = (): string => said;
      await until(() => said.includes('"fault-injected"'), { timeoutMs: 15_000, explain });
      expect(await stage.ask('CONFIG', 'GET', key)).toEqual([key, '1']);
      child.kill(signal);
      const from = performance.now();
      await until(async () => String(await stage.ask('CONFIG', 'GET', key)) !== `${key},1`, {
        timeoutMs: 10_000,
      });
      expect(performance.now() - from).toBeLessThan(3500);
      expect(await stage.snapshot()).toEqual(before);
      const keeper = /keeper pid (\d+)/.exec(said)?.[1];
      await until(() => processStat(Number(keeper)) === undefined, { timeoutMs: 10_000 });
      expect(readJournal(join(stage.folder, 'run', 'journal.ndjson'))).toMatchObject({
        open: [],
        closed: [{ holder: `keeper pid ${keeper}`, evidence: expect.stringMatching(/ as before$/) }],
      });
      child.kill('SIGKILL');
      await ended;
    } finally {
      child.kill('SIGKILL');
      await control.close();
    }
  });
});

describe('any sequence', () => {
  it('of 50, with interruptions at any time, leaves data and configuration as they were', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    process.stdout.write(`redis-faults: seed ${seed}\n`);
    const rng = seededRng(seed);
    const choices = [
      ['redis-pause', { mode: 'all' }],
      ['redis-pause', { mode: 'write' }],
      ['redis-maxclients', {}],
      ['redis-maxmemory', {}],
      ['redis-kill-connections', null],
    ] as const;
    const before = await stage.snapshot();
    const seen = new Map<string, number>();
    for (let round = 0; round < 50; round += 1) {
      const [kind, block] = choices[rng.below(choices.length)] ?? choices[0];
      const raw = block === null ? {} : { ...block, for: `${50 + rng.below(300)}ms` };
      const stop = new AbortController();
      const timer = rng.below(2) === 0 ? undefined : setTimeout(() => stop.abort(), 300 + rng.below(900));
      const record = await stage.run(kind, raw, { signal: stop.signal });
      clearTimeout(timer);
      const what = `seed ${seed}, round ${round}: ${kind} ${JSON.stringify(raw)}`;
      expect(record.status, what).not.toBe('residue');
      if (!stop.signal.aborted)
        expect(record.status, `${what}: ${record.injection?.evidence}`).toBe('injected');
      if (record.status === 'injected') seen.set(kind, (seen.get(kind) ?? 0) + 1);
      expect(stage.openEntries(), what).toEqual([]);
      expect(await stage.snapshot(), what).toEqual(before);
    }
    process.stdout.write(`redis-faults: injected ${JSON.stringify([...seen])}\n`);
    expect(seen.size).toBe(4);
    expect(await stage.controller.pauses()).toEqual([]);
  });
});
