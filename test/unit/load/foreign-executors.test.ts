/** Executors as `k6 inspect --execution-requirements` prints them, with null for what the script left out. */
import { describe, expect, it } from 'vitest';
import { reasonIn } from '../../../src/load/ask-k6.ts';
import { executorsOf } from '../../../src/load/foreign-executors.ts';
import { k6DurationMs } from '../../../src/load/k6-duration.ts';

const one = (fields: object) => {
  const [found] = executorsOf({ a: { startTime: null, exec: null, tags: null, ...fields } });
  return found;
};

describe('the executors of a foreign script', () => {
  it('of the open model keep k6’s own numbers', () => {
    const constant = { executor: 'constant-arrival-rate', rate: 7, timeUnit: '10s', duration: '1m30s' };
    expect(one({ ...constant, preAllocatedVUs: 2, maxVUs: 9, startTime: '3s', exec: 'buy' })).toEqual({
      ...{ executor: 'a', kind: 'constant-arrival-rate', model: 'open', exec: 'buy', tag: null, vus: 9 },
      own: {
        ...{ startMs: 3000, lengthMs: 90_000 },
        arrivals: { unitMs: 10_000, startRate: 7, targets: [], durationsMs: [] },
      },
    });
    const stages = [
      { target: 30, duration: '2s' },
      { target: 0, duration: '500ms' },
    ];
    const ramp = { executor: 'ramping-arrival-rate', startRate: null, timeUnit: null, stages };
    expect(one({ ...ramp, preAllocatedVUs: 4, maxVUs: null })?.own).toEqual({
      ...{ startMs: 0, lengthMs: 2500 },
      arrivals: { unitMs: 1000, startRate: 0, targets: [30, 0], durationsMs: [2000, 500] },
    });
  });

  it('of the closed model say how they end, with the defaults of k6', () => {
    const ends = (fields: object) => {
      const found = one(fields);
      return [found?.model, found?.vus, found?.own?.lengthMs, found?.own?.iterations];
    };
    expect(ends({ executor: 'constant-vus', vus: 3, duration: '5s' })).toEqual([
      'closed',
      3,
      5000,
      undefined,
    ]);
    const stages = [{ target: 8, duration: '2s' }];
    expect(ends({ executor: 'ramping-vus', startVUs: null, stages })).toEqual(['closed', 8, 2000, undefined]);
    const each = { executor: 'per-vu-iterations', vus: 4, iterations: 15, maxDuration: '20s' };
    expect(ends(each)).toEqual(['closed', 4, 20_000, 60]);
    const shared = { executor: 'shared-iterations', vus: null, iterations: null, maxDuration: null };
    expect(ends(shared)).toEqual(['closed', 1, 600_000, 1]);
  });

  it('have the tag flow of their scenario', () => {
    expect(one({ executor: 'constant-vus', vus: 1, duration: '1s', tags: { flow: 'shop.rush' } })?.tag).toBe(
      'shop.rush',
    );
  });
});

describe('a duration of k6', () => {
  it.each([
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1d2h', 93_600_000],
    ['1.5s', 1500],
    [250, 250],
    ['250', 250],
    ['soon', undefined],
    ['1s!', undefined],
    [null, undefined],
  ])('%s is %s ms', (text, value) => {
    expect(k6DurationMs(text)).toBe(value);
  });
});

describe('the reason of k6', () => {
  it('is its last error, on one line and without the places of the generated entry', () => {
    const log =
      'time="x" level=warning msg="old"\ntime="x" level=error msg="Error: no BASE_URL\\n\\tat file:///shop/t.js:1:34(3)\\n\\tat file:///-:1:2(3)\\n" hint="script exception"\n';
    expect(reasonIn(log)).toBe('Error: no BASE_URL at file:///shop/t.js:1:34(3)');
    const many =
      'level=error msg="There were problems:\\n\\t- executor a: function \'nope\' not found in exports"';
    expect(reasonIn(many)).toBe("There were problems: - executor a: function 'nope' not found in exports");
    expect(reasonIn('')).toBe('no reason given by k6');
  });
});
