import { afterEach, describe, expect, it } from 'vitest';
import type { Instance } from '../../../packages/sandbox/src/supervisor/instance.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';
import { careFor } from './fakes.ts';

const running: Instance[] = [];
afterEach(() => {
  for (const one of running.splice(0)) one.stop();
});

async function started(): Promise<{ clock: VirtualClock } & ReturnType<typeof careFor>> {
  const clock = new VirtualClock(0);
  const care = careFor(clock);
  running.push(care.instance);
  void care.instance.run();
  await clock.advance(0);
  return { clock, ...care };
}

describe('an instance under supervision', () => {
  it('runs its command and is not ready before it says so', async () => {
    const { instance, launcher, clock, answers } = await started();
    expect(launcher.commands).toEqual([
      { argv: ['node', 'gateway'], log: '/logs/gateway-1.log', cwd: '/sandbox' },
    ]);
    expect(instance.state()).toEqual({
      service: 'gateway',
      instance: 'gateway-1',
      pid: 1001,
      startTicks: '1',
      ready: false,
      restarts: 0,
    });
    answers(true);
    await clock.advance(100);
    expect(instance.ready).toBe(true);
    expect(instance.lives()[0]?.readyAt).toBe(100);
  });

  it('is not ready at the very instant its process ends, without waiting for a probe', async () => {
    const { instance, launcher, clock, answers, changes } = await started();
    answers(true);
    await clock.advance(100);
    answers(false);
    launcher.end();
    await clock.advance(0);
    expect(instance.ready).toBe(false);
    expect(changes).toEqual(['1001 not ready', '1001 ready', 'none not ready', '1002 not ready']);
  });

  it('starts again at once, then after one second, then after two, and counts', async () => {
    const { instance, launcher, clock } = await started();
    launcher.end();
    await clock.advance(0);
    expect(launcher.commands.length).toBe(2);
    launcher.end();
    await clock.advance(999);
    expect(launcher.commands.length).toBe(2);
    await clock.advance(1);
    expect(launcher.commands.length).toBe(3);
    launcher.end();
    await clock.advance(1999);
    expect(launcher.commands.length).toBe(3);
    await clock.advance(1);
    expect(launcher.commands.length).toBe(4);
    expect(instance.state()?.restarts).toBe(3);
  });

  it('is listed as ended between two lives, and not any more when the next begins', async () => {
    const { instance, launcher, clock } = await started();
    launcher.end();
    await clock.advance(0);
    expect(instance.state()).toMatchObject({ pid: 1002 });
    expect(instance.state()).not.toHaveProperty('isEnded');
    launcher.end();
    await clock.advance(999);
    expect(instance.state()).toMatchObject({ pid: 1002, ready: false, isEnded: true });
    await clock.advance(1);
    expect(instance.state()).toMatchObject({ pid: 1003 });
    expect(instance.state()).not.toHaveProperty('isEnded');
  });

  it('keeps the stamps of every life, oldest first', async () => {
    const { instance, launcher, clock, answers } = await started();
    answers(true);
    await clock.advance(250);
    answers(false);
    launcher.end();
    await clock.advance(300);
    expect(instance.lives()).toEqual([
      {
        service: 'gateway',
        instance: 'gateway-1',
        pid: 1001,
        startTicks: '1',
        startedAt: 0,
        readyAt: 100,
        endedAt: 250,
      },
      {
        service: 'gateway',
        instance: 'gateway-1',
        pid: 1002,
        startTicks: '2',
        startedAt: 250,
        readyAt: null,
        endedAt: null,
      },
    ]);
  });

  it('forgives two failed probes, and is not ready after the third', async () => {
    const { instance, clock, answers } = await started();
    answers(true);
    await clock.advance(100);
    answers(false);
    // The next question comes a second after the last good answer, further ones half a second after each failure.
    await clock.advance(1500);
    expect(instance.ready).toBe(true);
    await clock.advance(500);
    expect(instance.ready).toBe(false);
    answers(true);
    await clock.advance(100);
    expect(instance.ready).toBe(true);
  });

  it('stamps only the first readiness of a life', async () => {
    const { instance, clock, answers } = await started();
    answers(true);
    await clock.advance(100);
    answers(false);
    await clock.advance(2000);
    expect(instance.ready).toBe(false);
    answers(true);
    await clock.advance(100);
    expect(instance.ready).toBe(true);
    expect(instance.lives()[0]?.readyAt).toBe(100);
  });

  it('begins no further life once it is stopped', async () => {
    const { instance, launcher, clock } = await started();
    instance.stop();
    launcher.end();
    await clock.advance(60_000);
    expect(launcher.commands.length).toBe(1);
    expect(instance.victim).toBeUndefined();
  });
});
