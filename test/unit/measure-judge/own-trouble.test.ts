import { describe, expect, it } from 'vitest';
import { judgeRun } from '../../../src/measure/judge.ts';
import { balance } from '../../../src/measure/ledger.ts';
import { judged, runFacts } from './facts.ts';

const textsOf = (facts: Parameters<typeof runFacts>[0]): readonly string[] =>
  judgeRun(runFacts(facts)).reasons.map(({ status, text }) => `${status} ${text}`);

describe('outcomes of the generator itself', () => {
  it('make a run INVALID, a single one too, with what they mean and what to do', () => {
    expect(textsOf({ outcomes: { g: { timeout: 40, 'errno-24': 1 } } })).toContain(
      'INVALID g: 1 requests failed on this machine, not on the target: errno-24 (EMFILE: k6 has reached its limit of open files). Raise the limit before the run (ulimit -n 65536), or lower the rate or the timeout.',
    );
  });

  it('are not those of the network and the system', () => {
    const outcomes = { g: { timeout: 40, 'http-503': 3, 'errno-113': 2, reset: 1 } };
    expect(textsOf({ outcomes }).filter((text) => text.startsWith('INVALID'))).toEqual([]);
  });
});

describe('arrivals on connections that had idled too long', () => {
  const withStale = (stale: number) => [judged({ due: 1000, stale })];

  it('are left out up to 1 %; above it the rest is not the load that was asked for', () => {
    const invalid = (stale: number) =>
      textsOf({ judged: withStale(stale) }).filter((text) => text.includes('had closed for idling'));
    expect(invalid(10)).toEqual([]);
    expect(invalid(11)).toEqual([
      'INVALID g: 1.1 % of the arrivals in baseline hit a connection that the target had closed for idling (at most 1 %); raise its keep-alive time above 2 s',
    ]);
  });

  it('are in the ledger: started = completed + interrupted + stale', () => {
    const counts = { due: 10, started: 10, dropped: 0, completed: 7, interrupted: 1 };
    expect(balance({ ...counts, stale: 2 })).toMatchObject({ balanced: true, stale: 2 });
    expect(balance({ ...counts, stale: 1 }).problems).toEqual([
      'started 10 is not completed 7 + interrupted 1 + stale 1',
    ]);
  });
});
