import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { firstReady } from '../../../packages/sandbox/src/supervisor/first-ready.ts';
import { SupervisedInstances } from '../../../packages/sandbox/src/supervisor/supervised-instances.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';
import { fakeLauncher } from './fakes.ts';

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-first-ready-'));
afterAll(() => rmSync(folder, { recursive: true }));

function rig() {
  const clock = new VirtualClock(0);
  const launcher = fakeLauncher();
  const supervised = new SupervisedInstances({ launch: launcher.launch, clock, broken: () => undefined });
  const log = join(folder, 'kafka-1.log');
  let ready = false;
  supervised.start([
    { service: 'kafka-1', instance: 'kafka-1', argv: [], log, cwd: '/', ready: async () => ready },
  ]);
  const stop = new AbortController();
  const wait = (timeoutMs?: number): Promise<void> =>
    firstReady(supervised.instances, (listener) => supervised.onChange(listener), stop.signal, timeoutMs);
  const becomeReady = (): void => {
    ready = true;
  };
  return { clock, launcher, supervised, log, stop, wait, becomeReady };
}

describe('waiting for the first readiness', () => {
  it('ends when every instance is ready', async () => {
    const { clock, wait, becomeReady, supervised } = rig();
    const waiting = wait();
    becomeReady();
    await clock.advance(100);
    await waiting;
    supervised.stop();
  });

  it('forgives one death, and after the second shows the end of the log', async () => {
    const { clock, launcher, log, wait, supervised } = rig();
    writeFileSync(log, 'INFO starting\nERROR Address already in use\n\n');
    const waiting = expect(wait()).rejects.toThrow(
      'kafka-1: expected to start, got 2 ends (exit 1, exit 1). Its log ends:\n  INFO starting\n  ERROR Address already in use',
    );
    await clock.advance(0);
    launcher.end('exit 1');
    await clock.advance(0);
    expect(launcher.commands.length).toBe(2);
    launcher.end('exit 1');
    await clock.advance(0);
    await waiting;
    supervised.stop();
  });

  it('names who was not ready in time', async () => {
    const { log, wait, supervised } = rig();
    rmSync(log, { force: true });
    await expect(wait(20)).rejects.toThrow(
      'kafka-1: expected to start, got no readiness in 0.02 s. Its log is empty.',
    );
    supervised.stop();
  });

  it('ends with the reason of a stop', async () => {
    const { stop, wait, supervised } = rig();
    const waiting = expect(wait()).rejects.toThrow('nobody wants it any more');
    stop.abort(new Error('nobody wants it any more'));
    await waiting;
    await expect(wait()).rejects.toThrow('nobody wants it any more');
    supervised.stop();
  });
});
