import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../src/chaos/faults/registry.ts';
import type { Campaign } from '../../../src/config/read-campaign.ts';
import { GauntletError } from '../../../src/core/errors.ts';
import type { RunEvent, RunEventBody } from '../../../src/core/events.ts';
import { stepsOf } from '../../../src/core/fault-steps.ts';
import type { FaultGroup, Plan } from '../../../src/core/plan.ts';
import { type FaultRecord, whyNotInjected } from '../../../src/core/result.ts';
import { epochMs } from '../../../src/core/units.ts';
import { dryRunText } from '../../../src/run/open/dry-run.ts';
import { resolvePlan } from '../../../src/run/plan/resolve-plan.ts';
import { withGroups } from '../../../src/run/verdict/group-parts.ts';
import { phasesOf } from '../../../src/run/verdict/phases.ts';
import { readCampaign } from '../../fakes/scenarios.ts';

const LOAD = 'name: c\nload:\n  - { scenario: specialists, rate: 10/s }\n';

function read(text: string): Campaign {
  const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-groups-')), 'c.yaml');
  writeFileSync(file, `${LOAD}${text}`);
  try {
    return readCampaign(file);
  } catch (error) {
    if (error instanceof GauntletError) throw new Error(error.message.replaceAll(file, 'c.yaml'));
    throw error;
  }
}

function problemsOf(text: string): string[] {
  try {
    read(text);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

const planOf = (text: string): Plan =>
  resolvePlan({
    campaign: read(text),
    topology: null,
    target: 'sandbox',
    id: 'r',
    seed: 1,
    versions: {},
    scale: 1,
  });

const GROUPS = [
  'faults:',
  '  - together:',
  '      - kill-pod: { service: specialist-business }',
  '      - throttle-redis: { latency: 40ms, for: 8s }',
  '  - then: [ { pause-pod: { service: hive, for: 2s } }, { kill-pod: { service: hive } } ]',
  '  - redis-pause: { for: 1s }',
  '',
].join('\n');

describe('groups of faults in a campaign', () => {
  it('are steps of the plan, named after their members, which count on over the whole list', () => {
    const { faults } = planOf(GROUPS);
    expect(stepsOf(faults).map(({ group, members }) => [group, members.map((one) => one.name)])).toEqual([
      [{ name: 'kill-pod+throttle-redis', how: 'together' }, ['kill-pod', 'throttle-redis']],
      [{ name: 'pause-pod,kill-pod#2', how: 'then' }, ['pause-pod', 'kill-pod#2']],
      [null, ['redis-pause']],
    ]);
  });

  it('are repeated as a whole, each round with its number behind members and group', () => {
    const { faults } = planOf(`${GROUPS}repeat: 2\n`);
    expect(
      stepsOf(faults).map(({ group, members }) => [group?.name, members.map((one) => one.name)]),
    ).toEqual([
      ['kill-pod+throttle-redis', ['kill-pod', 'throttle-redis']],
      ['pause-pod,kill-pod#2', ['pause-pod', 'kill-pod#2']],
      [undefined, ['redis-pause']],
      ['kill-pod+throttle-redis@2', ['kill-pod@2', 'throttle-redis@2']],
      ['pause-pod,kill-pod#2@2', ['pause-pod@2', 'kill-pod#2@2']],
      [undefined, ['redis-pause@2']],
    ]);
  });

  it('have one recovery watch each, and the time of the longest or of all members', () => {
    const base = planOf('faults: []\nrecovery: { hold: 1s, timeout: 10s }\n').longestMs;
    const longest = (faults: string): number =>
      planOf(`faults:\n  - ${faults}\nrecovery: { hold: 1s, timeout: 10s }\n`).longestMs - base;
    const two = '[ { redis-pause: { for: 2s } }, { pause-pod: { service: hive, for: 5s } } ]';
    expect(longest('redis-pause: { for: 2s }')).toBe(2000 + 30_000 + 11_000);
    expect(longest(`together: ${two}`)).toBe(5000 + 30_000 + 11_000);
    expect(longest(`then: ${two}`)).toBe(7000 + 60_000 + 11_000);
  });

  it('give objectives their phases and each member', () => {
    const goals = (line: string): string => `${GROUPS}objectives:\n  - ${line}\n`;
    const flow = 'specialist.business';
    for (const phase of [
      'fault:kill-pod+throttle-redis',
      'recovery:kill-pod+throttle-redis',
      'fault:pause-pod',
      'fault:kill-pod#2',
      'recovery:kill-pod#2',
    ]) {
      expect(problemsOf(goals(`${flow} failed < 5% in ${phase}`))).toEqual([]);
    }
    for (const fault of ['kill-pod', 'throttle-redis', 'pause-pod', 'kill-pod#2']) {
      expect(problemsOf(goals(`${flow} recovered < 9s after ${fault}`))).toEqual([]);
    }
    const names =
      'warmup, baseline, fault:kill-pod+throttle-redis, recovery:kill-pod+throttle-redis, fault:pause-pod, ' +
      'fault:kill-pod#2, recovery:kill-pod#2, fault:redis-pause, recovery:redis-pause, steady';
    expect(problemsOf(goals(`${flow} failed < 5% in recovery:pause-pod`))).toEqual([
      expect.stringContaining(`expected a phase: ${names}, got "recovery:pause-pod".`),
    ]);
  });

  it('tell every mistake inside them with line and column, and what was meant', () => {
    const names = FAULTS.map((one) => one.name).join(', ');
    const text = [
      'faults:',
      '  - together:',
      '      - kil-pod: { service: hive }',
      '      - throttle-redis: { latency: 40, for: 8s }',
      '  - togther: []',
      '  - then: [ { redis-pause: { for: 1s } } ]',
      '  - together: { kill-pod: { service: hive } }',
      '  - then:',
      '      - redis-pause: { for: 1s }',
      '      - together: [ { redis-pause: { for: 1s } }, { kill-pod: { service: hive } } ]',
      '',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      `c.yaml:6:9: fault: expected one of ${names}, got "kil-pod". Did you mean kill-pod?`,
      expect.stringMatching(/^c\.yaml:7:36: throttle-redis\.latency: expected a duration .*, got 40\.$/),
      `c.yaml:8:5: fault: expected one of ${names}, together, then, got "togther". Did you mean together?`,
      'c.yaml:9:11: then: expected a list of at least two faults, got [{"redis-pause":{"for":"1s"}}].',
      'c.yaml:10:15: together: expected a list of at least two faults, got {"kill-pod":{"service":"hive"}}.',
      'c.yaml:13:9: fault: expected one fault: a group cannot hold another group, got together.',
    ]);
  });
});

const at = (time: number, body: RunEventBody): RunEvent => ({
  ...body,
  at: epochMs(time),
  wall: epochMs(time),
});
const record = (name: string, over: Partial<FaultRecord> = {}): FaultRecord => ({
  name,
  kind: name,
  victim: 'x',
  plannedAt: 0,
  appliedAt: 1,
  injectedAt: 2,
  removedAt: 3,
  status: 'injected',
  injection: { held: '', fresh: '', boundMs: 0, evidence: 'not seen' },
  removal: null,
  lease: null,
  recovery: {},
  pod: null,
  timers: [],
  cutShort: null,
  ...over,
});
const grouped = (how: FaultGroup['how'], ...names: string[]) =>
  names.map((name) => ({ name, group: { name: names.join('+'), how } }));
const done = (time: number, name: string, appliedAt: number, removedAt: number | null): RunEvent[] => [
  at(appliedAt, { kind: 'fault-applied', fault: name }),
  at(time, { kind: 'fault-done', record: record(name, { appliedAt, removedAt }) }),
];

describe('a dry run of groups', () => {
  it('says what is in place together, what follows what, and when the recovery is watched', () => {
    const target = {
      name: 'sandbox',
      platform: 'sandbox',
      policy: { optIn: true, protected: [], hours: 'any', load: { optIn: true, maxRate: null } },
    };
    const text = dryRunText({ plan: planOf(GROUPS), target: target as never, faults: null });
    const lines = text.split('\n').filter((line) => /^ {2}\S.*: (none|without|\{)|watch/.test(line));
    expect(lines).toEqual([
      '  kill-pod and throttle-redis together: none before all are ready, all undone when one fails; one recovery watch after the last:',
      '  kill-pod: {"service":"specialist-business"}',
      '  throttle-redis: {"latency":"40ms","for":"8s"}',
      '  pause-pod then kill-pod#2: without a recovery watch in between; it follows the last:',
      '  pause-pod: {"service":"hive","for":"2s"}',
      '  kill-pod#2: {"service":"hive"}',
      '  redis-pause: {"for":"1s"}',
    ]);
  });
});

describe('the phases of a group', () => {
  const frame = (...inner: RunEvent[][]): RunEvent[] =>
    [
      at(0, { kind: 'phase', name: 'baseline' }),
      ...inner.flat(),
      at(900, { kind: 'phase', name: 'steady' }),
      at(1000, { kind: 'phase', name: 'drain' }),
    ].sort((a, b) => a.at - b.at);

  it('together are one, from the first act to the last removal, and one recovery', () => {
    const events = frame(done(500, 'a', 102, 300), done(500, 'b', 100, 400));
    expect(phasesOf(events, grouped('together', 'a', 'b'))).toEqual([
      { name: 'baseline', from: 0, to: 100 },
      { name: 'fault:a+b', from: 100, to: 400 },
      { name: 'recovery:a+b', from: 400, to: 900 },
      { name: 'steady', from: 900, to: 1000 },
    ]);
  });

  it('together do not become a recovery while one of them is not proven to be gone', () => {
    const events = frame(done(500, 'a', 102, 300), done(500, 'b', 100, null));
    expect(phasesOf(events, grouped('together', 'a', 'b')).map((one) => one.name)).toEqual([
      'baseline',
      'fault:a+b',
      'steady',
    ]);
  });

  it('then are one for each member, nothing in between, and one recovery after the last', () => {
    const events = frame(done(210, 'a', 100, 200), done(410, 'b', 300, 400));
    expect(phasesOf(events, grouped('then', 'a', 'b'))).toEqual([
      { name: 'baseline', from: 0, to: 100 },
      { name: 'fault:a', from: 100, to: 200 },
      { name: 'fault:b', from: 300, to: 400 },
      { name: 'recovery:b', from: 400, to: 900 },
      { name: 'steady', from: 900, to: 1000 },
    ]);
  });
});

describe('a group counts as injected', () => {
  const judged = (...records: FaultRecord[]): (string | null)[] =>
    withGroups(records, grouped('together', 'a', 'b')).map(whyNotInjected);

  it('when every member was injected and none was cut short', () => {
    expect(judged(record('a'), record('b'))).toEqual([null, null]);
  });

  it('not when one was not injected: the others say which and why, though they were in place', () => {
    const given = 'interrupted: its group was given up: b: not injected (not seen)';
    const records = [record('a', { cutShort: given }), record('b', { status: 'not-injected' })];
    expect(judged(...records)).toEqual(['b: not injected (not seen)', 'not seen']);
  });

  it('when the run itself ended all of them: an abort limit that they broke is a failure, not a lack of data', () => {
    const cutShort = 'interrupted: run: expected to end by itself, got abort condition met: x.';
    expect(judged(record('a', { cutShort }), record('b', { cutShort }))).toEqual([null, null]);
    const early = record('b', { cutShort, status: 'not-injected' });
    expect(judged(record('a', { cutShort }), early)).toEqual([`b: cut short (${cutShort})`, 'not seen']);
  });

  it('not when one was cut short, or was never reached', () => {
    expect(judged(record('a', { cutShort: 'the lease was lost' }), record('b'))).toEqual(
      ['a', 'b'].map(() => 'a: cut short (the lease was lost)'),
    );
    expect(judged(record('a'))).toEqual(['b: the run ended before it']);
  });
});
