import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { RunEvent, RunEventBody } from '../../../src/core/events.ts';
import type { LiveFlow } from '../../../src/core/live-flow.ts';
import { renderLine, renderStatus } from '../../../src/report/live/lines.ts';
import { applyEvent, applyFlows, initialLive, renderLive } from '../../../src/report/live/live.ts';
import type { LiveState } from '../../../src/report/live/state.ts';
import { demoInput, event, START } from './fixture.ts';
import { demoPlan } from './fixture-plan.ts';

const input = demoInput();
const flow = (name: string, more: Partial<LiveFlow> = {}): LiveFlow => ({
  flow: name,
  dueRate: 100,
  attainedRate: 99.8,
  p50: 18,
  p95: 40,
  p99: 71.4,
  failedRatio: 0,
  droppedTotal: 0,
  ...more,
});
const at = (second: number, events: readonly RunEvent[] = input.events): LiveState =>
  events.filter((one) => one.at <= START + second * 1000).reduce(applyEvent, initialLive(demoPlan()));
const frame = (state: LiveState, width = 80, height = 24): string =>
  renderLive(state, { width, height, color: false });

describe('the live state', () => {
  it('knows the run from its first event, also without a plan', () => {
    const first = input.events[0];
    if (first === undefined) throw new Error('the fixture has events');
    expect(applyEvent(initialLive(), first)).toMatchObject({
      campaign: 'demo',
      target: 'sandbox',
      startedAt: START,
      longestMs: 240_000,
    });
  });

  it('does not change the state it was given', () => {
    const before = at(30);
    const copy = structuredClone(before);
    applyEvent(before, event(31, { kind: 'abort', why: 'x' }));
    applyFlows(before, [flow('a')], START + 31_000);
    expect(before).toEqual(copy);
  });

  it('follows a fault from plan to recovery with measured times', () => {
    expect(at(44).fault).toMatchObject({
      name: 'partition-kafka',
      reached: { planned: START + 40_000, applied: START + 40_060, injected: START + 41_020 },
      done: null,
    });
    expect(at(155).fault).toMatchObject({
      name: 'throttle-redis',
      done: 'recovered',
      // Injection at 112.3 s and the last SLI 8.6 s later, not the end of the watch at 155 s.
      reached: { removed: START + 120_600, recovered: START + 120_900 },
    });
  });

  it('does not call a fault recovered when one SLI never came back', () => {
    const done = input.events.find(
      (one) => one.kind === 'fault-done' && one.record.name === 'partition-kafka',
    );
    if (done === undefined) throw new Error('the fixture has this fault');
    const { fault } = applyEvent(at(60), done);
    expect(fault?.done).toBe('not recovered');
    expect(fault?.reached.recovered).toBeUndefined();
  });

  it('never turns time back', () => {
    expect(applyFlows(at(30), [], START).now).toBe(at(30).now);
  });
});

describe('the live frame', () => {
  it('fits its width and leaves the last row of the terminal free, at every moment and size', () => {
    const moments = [0, 22, 47, 65, 130, 158].map((second) =>
      applyFlows(
        at(second),
        Array.from({ length: 12 }, (_, index) => flow(`some.rather.long.flow.name.${index}`)),
        START + second * 1000,
      ),
    );
    for (const state of [initialLive(), ...moments]) {
      for (const [width, height] of [
        [40, 8],
        [80, 24],
        [140, 50],
      ] as const) {
        const lines = frame(state, width, height).split('\n');
        expect(lines.length).toBeLessThan(height);
        expect(lines.filter((line) => [...line].length > width)).toEqual([]);
      }
    }
  });

  it('says what is usually left, and the upper bound once that is over', () => {
    const header = (expectedMs: number): string => {
      const state = applyFlows({ ...at(47), expectedMs }, [], START + 47_000);
      return frame(state).split('\n')[0] ?? '';
    };
    expect(header(60_000)).toBe('Gauntlet demo on sandbox  00:47, about 00:13 left');
    expect(header(47_000)).toBe('Gauntlet demo on sandbox  00:47, at most 03:13 left');
  });

  it('shows campaign, time, phase, flows and the stages of the fault', () => {
    const state = applyFlows(
      at(47),
      [flow('gateway.intentions', { attainedRate: 59.9, failedRatio: 0.23, droppedTotal: 80 })],
      START + 47_000,
    );
    expect(frame(state).split('\n').slice(0, 10)).toEqual([
      'Gauntlet demo on sandbox  00:47, at most 03:13 left',
      'phase fault:partition-kafka for 00:06',
      '',
      'flow                         rate      P50      P95      P99   failed  dropped',
      'gateway.intentions  59.9 of 100/s  18.0 ms  40.0 ms  71.4 ms      23%       80',
      '',
      'fault 2 of 3 partition-kafka on kafka-2 (leader of intentions.business-0)',
      '  ● planned      ● applied      ● injected     ○ removed      ○ recovered  ',
      '    +00:40.0       +00:40.1       +00:41.0                                 ',
      '',
    ]);
    expect(frame(state).split('\n').at(-1)).toBe('Ctrl-C = stop and undo');
  });

  it('shows percentiles and failures without samples as dashes', () => {
    const state = applyFlows(at(1), [flow('a', { p50: null, p95: null, p99: null })], START);
    expect(frame(state)).toMatch(/^a +99\.8 of 100\/s +– +– +– +– +0$/m);
  });

  it('says how many flows did not fit', () => {
    const flows = Array.from({ length: 12 }, (_, index) => flow(`flow.${index}`));
    expect(frame(applyFlows(at(1), flows, START), 80, 14)).toMatch(/… \d+ more flows/);
  });

  it('says that it is stopping and why, and in the end the verdict', () => {
    const stopped = applyEvent(at(47), event(48, { kind: 'interrupted', signal: 'SIGINT' }));
    expect(frame(stopped).split('\n').at(-1)).toBe('stopping and undoing: interrupted by SIGINT');
    expect(frame(at(158)).split('\n').at(-1)).toBe('verdict FAIL');
  });

  it('says in capitals that a fault may still be there', () => {
    const state = applyEvent(
      at(47),
      event(50, { kind: 'fault-residue', fault: 'partition-kafka', evidence: '1 link is still cut' }),
    );
    expect(frame(state, 140)).toContain('RESIDUE: not proven removed');
  });

  it('has the same words with colour', () => {
    const state = applyFlows(at(47), [flow('gateway.intentions')], START + 47_000);
    const coloured = renderLive(state, { width: 80, height: 24, color: true });
    expect(coloured).toContain('\u001b[');
    expect(stripVTControlCharacters(coloured)).toBe(frame(state));
  });
});

describe('the lines of a log', () => {
  const record = input.result.faults[1];
  if (record === undefined) throw new Error('the fixture has faults');
  /** Every kind of event; a new one does not compile until it is listed here. */
  const LINES: {
    readonly [Kind in RunEventBody['kind']]: readonly [RunEventBody & { kind: Kind }, string | null];
  } = {
    'run-started': [
      { kind: 'run-started', id: 'r1', campaign: 'demo', target: 'sandbox', seed: 42, longestMs: 240_000 },
      'run r1: campaign demo on target sandbox, seed 42, at most 04:00',
    ],
    audited: [
      { kind: 'audited', side: 'before', audit: { kind: 'failed', why: 'no answer' } },
      'audit before the load: could not be made: no answer',
    ],
    step: [{ kind: 'step', text: 'checking the scenarios' }, 'checking the scenarios'],
    'load-started': [{ kind: 'load-started', scenario: 'hive', pid: 4711 }, 'load hive: started as pid 4711'],
    phase: [{ kind: 'phase', name: 'baseline' }, 'phase baseline'],
    baseline: [
      { kind: 'baseline', flow: 'hive.plan', p99Us: 532_000, failedRatio: 0, slowUs: 800_000 },
      'baseline hive.plan: P99 532 ms, failed 0%, slow above 800 ms',
    ],
    'fault-planned': [
      { kind: 'fault-planned', fault: 'kill-pod', victims: ['a', 'b'], timers: ['back-off 1 s'] },
      'kill-pod: planned on a, b (back-off 1 s)',
    ],
    'fault-applied': [{ kind: 'fault-applied', fault: 'kill-pod' }, 'kill-pod: applied'],
    'fault-injected': [
      { kind: 'fault-injected', fault: 'kill-pod', boundMs: 50, evidence: 'pid 1 is gone' },
      'kill-pod: injected, proven within 50 ms: pid 1 is gone',
    ],
    'fault-not-injected': [
      { kind: 'fault-not-injected', fault: 'kill-pod', evidence: 'pid 1 still answers' },
      'kill-pod: NOT injected: pid 1 still answers',
    ],
    'fault-undoing': [
      { kind: 'fault-undoing', fault: 'kill-pod', why: 'held for 8 s' },
      'kill-pod: undoing (held for 8 s)',
    ],
    'fault-removed': [
      { kind: 'fault-removed', fault: 'kill-pod', boundMs: 100, evidence: 'ready again' },
      'kill-pod: removed, proven within 100 ms: ready again',
    ],
    'fault-residue': [
      { kind: 'fault-residue', fault: 'kill-pod', evidence: 'no successor' },
      'kill-pod: RESIDUE, not proven removed: no successor',
    ],
    recovered: [
      { kind: 'recovered', fault: 'kill-pod', sli: 'hive.plan slow', sinceInjectedMs: 5200 },
      'kill-pod: hive.plan slow recovered 5.2 s after injection',
    ],
    relapsed: [
      { kind: 'relapsed', fault: 'kill-pod', sli: 'hive.plan slow', sinceInjectedMs: 9100 },
      'kill-pod: hive.plan slow is bad again, 9.1 s after injection',
    ],
    'recovery-watched': [
      {
        kind: 'recovery-watched',
        notBack: { 'kill-pod': [], cut: ['held'] },
        until: { flows: {}, probes: START },
      },
      'the watch is over, NOT recovered: held after cut',
    ],
    'fault-done': [
      { kind: 'fault-done', record },
      'partition-kafka: done, hive.plan failed NOT recovered (> 60 s)',
    ],
    abort: [{ kind: 'abort', why: 'x failed > 50%' }, 'ABORT: x failed > 50%'],
    'abort-condition-met': [
      { kind: 'abort-condition-met', metAt: START - 2700 },
      'the abort condition had held 27.7 s before this',
    ],
    'load-stopped': [
      { kind: 'load-stopped', scenario: 'hive', exitCode: null, expected: false },
      'load hive: ended too early, by a signal',
    ],
    'harness-usage': [
      { kind: 'harness-usage', harnessCpuMs: 1, k6CpuMs: 1, harnessRssMb: 1, k6RssMb: 1, spanMs: 1 },
      null,
    ],
    'instances-ready': [
      { kind: 'instances-ready', service: 'web', ready: 2, since: 1 },
      'web: 2 instances ready',
    ],
    'instances-unwatched': [
      { kind: 'instances-unwatched', service: 'web', from: 1, to: null, why: 'gone' },
      'web: how many instances are ready was not watched (gone)',
    ],
    'instances-watched': [
      { kind: 'instances-watched', service: 'web', until: 1 },
      'web: the watch of its ready instances has ended',
    ],
    'clock-step': [{ kind: 'clock-step', byMs: -1500 }, 'the wall clock stepped by −1.5 s'],
    failed: [{ kind: 'failed', why: 'k6 died' }, 'FAILED: k6 died'],
    interrupted: [{ kind: 'interrupted', signal: 'SIGINT' }, 'INTERRUPTED by SIGINT: stopping and undoing'],
    closed: [{ kind: 'closed' }, 'run closed: load, faults and lease are ended'],
    'run-ended': [
      { kind: 'run-ended', verdict: { status: 'PASS', exitCode: 0, reasons: [] } },
      'verdict PASS (exit 0)',
    ],
  };

  it.each(Object.values(LINES))('tells $kind in one line', (body, line) => {
    expect(renderLine(event(25, body))).toBe(line === null ? null : `03:12:33Z ${line}`);
  });

  it('keeps evidence with line breaks and escape sequences on one plain line', () => {
    const nasty = event(0, { kind: 'abort', why: 'a\nb\u001b[2J' });
    expect(renderLine(nasty)).toBe('03:12:08Z ABORT: a b [2J');
  });

  it('sums the load up in one status line, naming the worst flows', () => {
    const state = applyFlows(
      at(25),
      [
        flow('gateway.intentions'),
        flow('hive.plan', { attainedRate: 50, p99: 532, failedRatio: 0.12, droppedTotal: 1200 }),
      ],
      START + 25_000,
    );
    expect(renderStatus(state)).toBe(
      '03:12:33Z 00:25 fault:kill-pod: 149.8/s of 200/s, most failed hive.plan 12%, slowest P99 hive.plan 532 ms, 1,200 dropped',
    );
  });

  it('claims nothing before there is something to see', () => {
    expect(renderStatus(initialLive())).toBe('starting: no arrival yet');
    const silent = applyFlows(at(1), [flow('a', { p50: null, p95: null, p99: null })], START + 1000);
    expect(renderStatus(silent)).toBe('03:12:09Z 00:01 warmup: 99.8/s of 100/s, no answer yet, 0 dropped');
  });
});
