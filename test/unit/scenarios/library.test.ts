/** What the library does apart from k6; test/e2e/scenarios.test.ts runs it in k6. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { projectRoot } from '../../../src/system/project.ts';

const { samples, place } = vi.hoisted(() => ({
  samples: [] as (readonly [string, Readonly<Record<string, string>>])[],
  place: {
    scenario: { name: 'shop_big', iterationInInstance: 0 },
    vu: { idInTest: 7, idInInstance: 7, iterationInScenario: 3 },
    instance: { currentTestRunDuration: 0, vusInitialized: 1, vusActive: 1 },
  },
}));
const metric = (name: string) => ({
  add: (_value: number, tags: Readonly<Record<string, string>> = {}) => samples.push([name, tags]),
});
vi.mock('k6', () => ({ sleep: () => undefined }));
vi.mock('k6/http', () => ({ default: {} }));
vi.mock('k6/metrics', () => ({
  Counter: function Counter(name: string) {
    return metric(name);
  },
  Trend: function Trend(name: string) {
    return metric(name);
  },
}));
vi.mock('k6/execution', () => ({ default: place }));

const FLOW = { flow: 'shop.big', executor: 'shop_big', vus: 1, worstStallMs: 5000 };
const LOAD = { seed: 9, durationMs: 1000, gracefulStopMs: 100, redirects: 0, flows: [FLOW] };

/** As k6 evaluates it: once for each VU. */
async function library(env: Readonly<Record<string, string>> = {}, vu = 1) {
  vi.resetModules();
  vi.stubGlobal('__ENV', {
    GAUNTLET_LOAD: 'load',
    GAUNTLET_RUN_ID: 'r',
    GAUNTLET_ADDRESS_BIG_SHOP: 'a',
    ...env,
  });
  vi.stubGlobal('__VU', vu);
  vi.stubGlobal('open', () => `${JSON.stringify(LOAD)}\n{"shop_big":{"executor":"constant-arrival-rate"}}`);
  const found = await import('../../../scenarios/gauntlet.ts');
  const options = found.defineScenario(DESCRIPTION);
  return { ...found, options };
}
const DESCRIPTION = {
  summary: 'a shop',
  flows: { 'shop.small': { service: 'web' }, 'shop.{size}': { service: '{size}-shop', exec: 'buy' } },
  timeLimit: '5s',
};
const TIMINGS = { blocked: 1, connecting: 0, tls_handshaking: 0, sending: 1, waiting: 2, receiving: 1 };
const answer = (status: number, more: object = {}) =>
  ({ status, error: '', error_code: 0, timings: TIMINGS, ...more }) as never;
const outcomes = () =>
  samples.filter(([name]) => name === 'gauntlet_service_ms').map(([, { outcome }]) => outcome);
const starts = () => samples.filter(([name]) => name === 'gauntlet_started').length;

beforeEach(() => {
  samples.length = 0;
});

describe('a scenario', () => {
  it('has one executor per flow, with the function and the service of the description that it is made of', async () => {
    const { options, address, iterationId, timeLimit } = await library({}, 0);
    expect(options.scenarios).toEqual({
      shop_big: {
        ...{ executor: 'constant-arrival-rate', exec: 'buy', preAllocatedVUs: 1, maxVUs: 1 },
        ...{ gracefulStop: '100ms', tags: { flow: 'shop.big' } },
      },
    });
    expect([address(), iterationId(), timeLimit()]).toEqual(['a', 'r/9/shop_big/7/3', '5000ms']);
  });

  it('only says what it is while Gauntlet reads it', async () => {
    const { options } = await library({ GAUNTLET_READING: '1', GAUNTLET_LOAD: '', GAUNTLET_RUN_ID: '' }, 0);
    expect(options).toEqual({ ext: { gauntlet: DESCRIPTION } });
  });

  it.each(['GAUNTLET_LOAD', 'GAUNTLET_RUN_ID', 'GAUNTLET_ADDRESS_BIG_SHOP'])(
    'does not start without %s',
    async (name) => {
      await expect(library({ [name]: '' }, 0)).rejects.toThrow(
        new RegExp(`^${name}: expected .*, got nothing. Run this through: gauntlet run <campaign>$`),
      );
    },
  );
});

describe('an iteration', () => {
  it('has one start and one outcome', async () => {
    const { iteration, measure } = await library();
    iteration(() => void measure(() => answer(200)))();
    iteration(() => void measure(() => answer(404)))();
    iteration(
      () =>
        void measure(
          () => answer(200),
          () => 'no, it = bad',
        ),
    )();
    expect([starts(), outcomes()]).toEqual([3, ['ok', 'http-404', 'no--it---bad']]);
  });

  it('that throws, measures twice, never, or later is an error of the script', async () => {
    const { iteration, measure, journey } = await library();
    const once = () => void measure(() => answer(200));
    const cases: readonly (readonly [() => void, string])[] = [
      [() => fail('mine'), 'mine'],
      [() => undefined, 'iteration: expected a measure, journey or measureCall'],
      [() => journey(() => undefined), 'iteration: expected a measure, journey or measureCall'],
      [async () => once(), 'iteration: expected a function that is not async'],
    ];
    for (const [arrival, message] of cases) expect(iteration(arrival)).toThrow(message);
    expect([starts(), outcomes().filter((one) => one === 'script-error')]).toEqual([
      5,
      Array(4).fill('script-error'),
    ]);
    const twice = () => [once(), once()];
    expect(iteration(() => void twice())).toThrow('several requests are a journey');
    expect(once).toThrow('measure: expected inside of a function made by iteration(…)');
  });

  it('is over with the first step of a journey that is not good, whose name stands before the outcome', async () => {
    const { iteration, journey } = await library();
    const walk = (statuses: readonly number[]) =>
      iteration(() =>
        journey((step) => {
          for (const [index, status] of statuses.entries())
            if (step(`s${index}`, () => answer(status)) === null) return;
        }),
      );
    walk([200, 201])();
    walk([200, 500, 200])();
    expect(outcomes()).toEqual(['ok', 's1-http-500']);
    const careless = iteration(() =>
      journey((step) => {
        step('a', () => answer(500));
        step('b', () => answer(200));
      }),
    );
    expect(careless).toThrow('step b: expected none after a-http-500');
  });

  it.each([
    [{ error_code: 1212 }, 'refused'],
    [{ error_code: 1000, error: 'unexpected EOF' }, 'closed'],
    [{ error_code: 1210, error: 'dial: too many open files' }, 'errno-24'],
    [{ error_code: 1220, error: 'unknown errno `131`' }, 'errno-131'],
    [{ error_code: 1000, error: 'invalid header field value' }, 'invalid-header'],
    [{ error_code: 1666 }, 'error-1666'],
  ])('without an answer has the word of its cause: %j', async (more, word) => {
    const { iteration, measure } = await library();
    iteration(() => void measure(() => answer(0, more)))();
    expect(outcomes()).toEqual([word]);
  });
});

it('chooses the same for the same key, and something else for the next', async () => {
  const { chooser } = await library();
  const below = (key: string) => chooser(key).below(1_000_000);
  expect(below('1/a/1/0')).toBe(below('1/a/1/0'));
  expect(new Set(Array.from({ length: 20 }, (_, index) => below(`1/a/1/${index}`))).size).toBe(20);
});

it('calls k6’s errors as a foreign script’s are called', () => {
  const wordsOf = (file: string): readonly string[] =>
    readFileSync(join(projectRoot, file), 'utf8').match(/^ {2}1\d{3}: '[a-z-]+',$/gm) ?? [];
  expect(wordsOf('scenarios/gauntlet.ts').length).toBe(8);
  expect(wordsOf('scenarios/gauntlet.ts')).toEqual(wordsOf('src/load/foreign-iteration.ts'));
});

function fail(message: string): never {
  throw new Error(message);
}
