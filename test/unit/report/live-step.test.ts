import { describe, expect, it } from 'vitest';
import type { RunEventBody } from '../../../src/core/events.ts';
import type { FaultGroup } from '../../../src/core/plan.ts';
import { applyEvent, initialLive, renderLive } from '../../../src/report/live/live.ts';
import type { LiveState } from '../../../src/report/live/state.ts';
import { event, START } from './fixture.ts';

const after = (bodies: readonly (readonly [number, RunEventBody])[]): LiveState =>
  bodies.map(([second, body]) => event(second, body)).reduce(applyEvent, initialLive());
const planned = (fault: string, group: FaultGroup): RunEventBody => ({
  ...{ kind: 'fault-planned', fault, victims: [`victim of ${fault}`], timers: [] },
  group,
});
const applied = (fault: string): RunEventBody => ({ kind: 'fault-applied', fault });
const removed = (fault: string): RunEventBody => ({ kind: 'fault-removed', fault, boundMs: 1, evidence: '' });

describe('the live view of a group', () => {
  const TOGETHER = { name: 'a+b', how: 'together' } as const;
  const both = [
    [1, planned('a', TOGETHER)],
    [2, planned('b', TOGETHER)],
    [3, applied('a')],
    [4, applied('b')],
  ] as const;

  it('shows all faults that are in place together, each with its own stages', () => {
    const state = after([...both, [5, removed('a')]]);
    const frame = renderLive(state, { width: 80, height: 40, color: false }).split('\n');
    const rows = frame.filter((line) => /^fault \d|● planned/.test(line)).map((line) => line.trimEnd());
    expect(rows).toEqual([
      'fault 1 a on victim of a',
      '  ● planned      ● applied      ○ injected     ● removed      ○ recovered',
      'fault 2 b on victim of b',
      '  ● planned      ● applied      ○ injected     ○ removed      ○ recovered',
    ]);
  });

  it('is in one phase from the first act until the last of them is gone', () => {
    expect(after(both)).toMatchObject({ phase: 'fault:a+b', phaseSince: START + 3000 });
    expect(after([...both, [5, removed('a')]]).phase).toBe('fault:a+b');
    expect(after([...both, [5, removed('a')], [6, removed('b')]])).toMatchObject({
      phase: 'recovery:a+b',
      phaseSince: START + 6000,
    });
  });

  it('forgets the one before when faults follow each other, and recovers only after the last', () => {
    const THEN = { name: 'a,b@2', how: 'then' } as const;
    const first = [
      [1, planned('a@2', THEN)],
      [2, applied('a@2')],
      [3, removed('a@2')],
    ] as const;
    expect(after(first).phase).toBe('between two faults');
    const second = after([...first, [4, planned('b@2', THEN)], [5, applied('b@2')], [6, removed('b@2')]]);
    expect(second).toMatchObject({ phase: 'recovery:b@2', fault: { name: 'b@2' }, beside: [] });
  });
});

describe('the live view of a recovery', () => {
  const told = (sli: string, sinceInjectedMs: number): RunEventBody => ({
    ...{ kind: 'recovered', fault: 'a', sli, sinceInjectedMs },
  });
  const over = (notBack: readonly string[]): RunEventBody => ({
    ...{ kind: 'recovery-watched', notBack: { a: notBack }, until: { flows: {}, probes: 0 } },
  });
  const alone: RunEventBody = { kind: 'fault-planned', fault: 'a', victims: [], timers: [] };
  const until = [
    [1, alone],
    [2, applied('a')],
    [3, removed('a')],
  ] as const;
  const words = (state: LiveState): string => renderLive(state, { width: 80, height: 40, color: false });

  it('is over when the watch is, at the last instant at which something was back', () => {
    const state = after([...until, [9, told('g failed', 4000)], [9, told('g slow', 4500)], [12, over([])]]);
    expect(state.fault).toMatchObject({ done: 'recovered', reached: { recovered: START + 6500 } });
    expect(words(state)).toContain('back: g failed, g slow');
  });

  it('takes back what was told when it is bad again, and says so at the end', () => {
    const state = after([
      ...until,
      [9, told('g failed', 4000)],
      [10, { kind: 'relapsed', fault: 'a', sli: 'g failed', sinceInjectedMs: 8000 }],
      [12, over(['g failed'])],
    ]);
    expect(state.fault).toMatchObject({ done: 'not recovered', recovered: {} });
    expect(words(state)).toContain('not recovered');
  });

  it('says when nothing degraded', () => {
    expect(after([...until, [12, over([])]]).fault?.done).toBe('not degraded');
  });
});
