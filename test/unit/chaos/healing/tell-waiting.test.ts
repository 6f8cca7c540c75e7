import { describe, expect, it } from 'vitest';
import { FAULTS, faultNamed } from '../../../../src/chaos/faults/registry.ts';
import { tellWaiting } from '../../../../src/chaos/healing/tell-waiting.ts';
import { ms } from '../../../../src/core/units.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { drive } from '../stage.ts';

describe('a long wait', () => {
  it('is told every 10 s, with what is waited for and the latest reason, and not before', async () => {
    const clock = new VirtualClock();
    const said: string[] = [];
    const waiting = tellWaiting(clock, 'cut-link to be removed', (text) => said.push(text));
    for (let second = 0; second < 25; second += 1) {
      waiting(`reason ${second}`);
      await drive(clock, clock.sleep(ms(1000)));
    }
    expect(said).toEqual([
      'waiting for cut-link to be removed, for 10.0 s now: reason 10',
      'waiting for cut-link to be removed, for 20.0 s now: reason 20',
    ]);
  });
});

describe('a duration for a fault that has none', () => {
  it('is told as that, not as an unknown key', () => {
    const without = FAULTS.filter((fault) => !('for' in fault.parameters.shape));
    expect(without.map((fault) => fault.name)).toContain('kill-pod');
    for (const fault of without) {
      const parsed = fault.parse({ for: '5s' });
      expect(parsed.ok ? [] : parsed.problems.filter((one) => one.path === 'for'), fault.name).toEqual([
        {
          path: 'for',
          expected: 'nothing: this fault has no duration, it ends when it is done',
          got: '"5s"',
          next: 'Leave it out (on the command line: --for).',
        },
      ]);
    }
  });

  it('is read where there is one', () => {
    const parsed = faultNamed('noop').parse({ for: '5s' });
    expect(parsed.ok && parsed.holdMs).toBe(5000);
  });
});
