import { describe, expect, it } from 'vitest';
import { ms, perSecond } from '../../../src/core/units.ts';
import { k6Command } from '../../../src/load/k6-command.ts';
import { k6Arrival } from '../../../src/load/k6-flow.ts';
import { matchProblems } from '../../../src/load/match-problems.ts';
import { WHOLE } from '../../../src/measure/segments.ts';

const flow = {
  flow: 'gateway.intentions',
  executor: 'intentions',
  schedule: { startRate: perSecond(100 / 3), stages: [] },
  worstStallMs: ms(2000),
  vus: 220,
};
const load = {
  scenario: 'gateway',
  script: '/p/scenarios/gateway.ts',
  flows: [flow],
  env: { URL: 'http://x' },
};
const settings = {
  k6: '/bin/k6',
  seed: 7,
  segment: WHOLE,
  durationMs: ms(60_000),
  gracefulStopMs: ms(2000),
  home: '/run/k6/home',
  loadFile: '/run/k6/gateway.load.ndjson',
  secrets: { GAUNTLET_TOKEN: 'secret' },
};

describe('the call of k6', () => {
  it('has all samples on standard output and nothing of the summary, the thresholds or the REST server', () => {
    expect(k6Command(load, settings).args).toEqual([
      'run',
      '--quiet',
      '--no-color',
      '--summary-mode=disabled',
      '--no-thresholds',
      '--no-usage-report',
      '--address=',
      '--system-tags=scenario,vu',
      '--out=csv=fileName=-,saveInterval=200ms,timeFormat=unix_nano',
      '/p/scenarios/gateway.ts',
    ]);
  });

  it('gives each of several processes its equal part, in fractions that k6 reads exactly', () => {
    const even = { ...load, flows: [{ ...flow, vus: 222 }] };
    const { args } = k6Command(even, { ...settings, segment: { index: 1, of: 3 } });
    expect(args.filter((one) => one.includes('segment'))).toEqual([
      '--execution-segment=1/3:2/3',
      '--execution-segment-sequence=0/3,1/3,2/3,3/3',
    ]);
    expect(args.at(-1)).toBe('/p/scenarios/gateway.ts');
  });

  it('refuses VUs that k6 could not share evenly: it would stripe the arrivals by them', () => {
    expect(() => k6Command(load, { ...settings, segment: { index: 1, of: 3 } })).toThrow(
      'vus of gateway.intentions: expected a multiple of 3, the number of k6 processes, got 220.',
    );
  });

  it('keeps k6 off the network and away from the home of the user; secrets are in the environment alone', () => {
    const { env, args } = k6Command(load, settings);
    expect(env).toMatchObject({
      URL: 'http://x',
      GAUNTLET_TOKEN: 'secret',
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      K6_NO_USAGE_REPORT: 'true',
      HOME: '/run/k6/home',
      GOGC: '200',
    });
    expect(args.join(' ')).not.toContain('secret');
    expect(env['GAUNTLET_LOAD']).toBe('/run/k6/gateway.load.ndjson');
    expect(k6Command(load, settings).load).not.toContain('secret');
  });

  it('tells every VU the seed, the times and the flows, and k6 alone the schedules', () => {
    const lines = k6Command(load, settings).load.split('\n');
    const { flow: name, executor, worstStallMs, vus } = flow;
    expect(lines.map((line) => (line === '' ? null : (JSON.parse(line) as unknown)))).toEqual([
      {
        seed: 7,
        durationMs: 60_000,
        gracefulStopMs: 2000,
        redirects: 0,
        flows: [{ flow: name, executor, worstStallMs, vus }],
      },
      {
        intentions: {
          executor: 'constant-arrival-rate',
          rate: 2000,
          timeUnit: '60000ms',
          duration: '60000ms',
        },
      },
      null,
    ]);
  });

  it('tells a script its flow by the name of the campaign, on both sides of a gate', () => {
    const side = { ...load, flows: [{ ...flow, flow: `${flow.flow}@candidate` }] };
    expect(JSON.parse(k6Command(side, settings).load.split('\n')[0] ?? '')).toMatchObject({
      flows: [{ flow: 'gateway.intentions' }],
    });
  });

  it('has no string that grows with the schedule: one of the environment ends at 128 KiB', () => {
    const stages = Array.from({ length: 10_000 }, (_, index) => ({
      to: perSecond(index + 1),
      durationMs: ms(10),
    }));
    const long = { ...load, flows: [{ ...flow, schedule: { startRate: perSecond(1), stages } }] };
    const { args, env, load: text } = k6Command(long, settings);
    expect(Math.max(...[...args, ...Object.values(env)].map((one) => one.length))).toBeLessThan(200);
    expect(text.length).toBeGreaterThan(128 * 1024);
  });

  it('holds the last rate of a ramp until the end of the run', () => {
    const schedule = { startRate: perSecond(0), stages: [{ to: perSecond(50), durationMs: ms(10_000) }] };
    expect(k6Arrival({ ...flow, schedule }, ms(60_000))).toEqual({
      executor: 'ramping-arrival-rate',
      startRate: 0,
      timeUnit: '1000ms',
      stages: [
        { target: 50, duration: '10000ms' },
        { target: 50, duration: '50000ms' },
      ],
    });
  });
});

describe('the problems of matching', () => {
  const clean = { startNs: 0, events: 5, stragglers: 0, early: 0, earliestNs: 0, orphans: 0, surplus: 0 };

  it('are none when all is well', () => {
    expect(matchProblems(clean)).toEqual([]);
  });

  it('are told in words, all of them', () => {
    const bad = {
      startNs: null,
      events: 0,
      stragglers: 1,
      early: 2,
      earliestNs: 12_340_000,
      orphans: 3,
      surplus: 4,
    };
    expect(matchProblems(bad)).toEqual([
      'no arrival was seen',
      '1 arrivals were reported after a later one had been ranked (lag above 2 s)',
      '2 arrivals came up to 12.3 ms before they were due: a start was lost, the wall clock was set, or the generator was late by as much in its first 3 s',
      '3 answers came from VUs that had started nothing',
      '4 arrivals came after the last one of the schedule',
    ]);
  });
});
