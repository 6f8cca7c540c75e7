/** The samples of a foreign script, byte for byte as k6 2.2 writes them, and the arrivals that they are. */
import { describe, expect, it } from 'vitest';
import type { ForeignFlow, ForeignLoad } from '../../../src/core/foreign-script.ts';
import type { FlowLoad } from '../../../src/core/load-plan.ts';
import { ms, perSecond } from '../../../src/core/units.ts';
import { ForeignIngest } from '../../../src/load/foreign-ingest.ts';
import type { ResolvedArrival } from '../../../src/measure/arrival.ts';

const HEADER =
  'metric_name,timestamp,metric_value,check,error_code,expected_response,group,name,scenario,status,extra_tags,metadata\n';
const BASE_SECOND = 1_795_966_000;
/** @param atMs since the base second. */
const at = (atMs: number): string => `${BASE_SECOND}${String(Math.round(atMs * 1e6)).padStart(9, '0')}`;

interface Fields {
  readonly check?: string;
  readonly code?: string;
  readonly expected?: string;
  readonly group?: string;
  readonly name?: string;
  readonly scenario?: string;
  readonly status?: string;
  readonly tags?: string;
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
function row(metric: string, atMs: number, value: number, vu: number | null, fields: Fields = {}): string {
  const { check = '', code = '', expected = '', group = '', name = '', scenario = 'a' } = fields;
  const cells = [check, code, expected, group, name, scenario, fields.status ?? '', fields.tags ?? ''];
  const metadata = vu === null ? '' : `iter=0&vu=${vu}`;
  return `${metric},${at(atMs)},${value.toFixed(6)},${cells.map(quoted).join(',')},${metadata}\n`;
}
/** One HTTP request that ends at `endMs`. */
const request = (endMs: number, tookMs: number, vu: number, fields: Fields = {}): string => {
  const all = { expected: 'true', status: '200', ...fields };
  return (
    row('http_req_duration', endMs, tookMs, vu, all) +
    row('http_req_blocked', endMs, 0, vu, all) +
    row('http_req_waiting', endMs, tookMs, vu, all)
  );
};
const started = (atMs: number, vu: number): string => row('gauntlet_started', atMs, 1, vu);
const ended = (atMs: number, vu: number): string => row('iteration_duration', atMs, 1, vu);

const FOREIGN: ForeignLoad = {
  ...{ digest: 'd', functions: ['default'], hasSetup: true, hasTeardown: false, thresholds: {}, secrets: {} },
  ...{ totalMs: ms(10_000), flags: [] },
};
const CLOSED: ForeignFlow = {
  ...{ kind: 'shared-iterations', model: 'closed', exec: 'default' },
  own: { startMs: ms(0), lengthMs: ms(10_000), iterations: 4 },
};
const flowOf = (foreign: ForeignFlow): FlowLoad => ({
  ...{ flow: 'f.a', executor: 'a', schedule: { startRate: perSecond(0), stages: [] } },
  ...{ worstStallMs: ms(60_000), vus: 4, foreign },
});

/** @param chunk bytes at a time, so that any cut through a row is tried. */
function ingest(text: string, own: ForeignFlow = CLOSED, more: Partial<ForeignLoad> = {}, chunk = 7) {
  const resolved: ResolvedArrival[] = [];
  const dues: string[] = [];
  let firsts = 0;
  const one = new ForeignIngest({
    flows: [flowOf(own)],
    foreign: { ...FOREIGN, ...more },
    durationMs: ms(10_000),
    sink: {
      due: (_flow, _at, how) => void dues.push(how),
      resolved: (arrival) => void resolved.push(arrival),
    },
    baseSecond: BASE_SECOND,
    onFirst: () => {
      firsts += 1;
    },
  });
  const bytes = Buffer.from(HEADER + text);
  for (let from = 0; from < bytes.length; from += chunk) one.push(bytes.subarray(from, from + chunk));
  one.end({ kind: 'schedule-over' });
  return { one, resolved, dues, firsts };
}
const outcomeOf = (text: string): string | undefined => ingest(text).resolved[0]?.outcome;
const bad = { expected: 'false', status: '500', code: '1500' };
const check = (name: string, value: number): string => row('checks', 30, value, 1, { check: name });

describe('the service time of an iteration', () => {
  it('is the union of its requests: parallel ones count once, sleeps do not', () => {
    // 10 to 40, 20 to 30 inside it, 35 to 60 overlapping, and after a sleep 200 to 210.
    const text =
      started(10, 1) +
      request(30, 10, 1) +
      request(40, 30, 1) +
      request(60, 25, 1) +
      request(210, 10, 1) +
      ended(300, 1);
    const [one] = ingest(text).resolved;
    expect(one?.serviceUs).toBe(60_000);
    expect([one?.kind, one?.latenessUs, one?.responseUs]).toEqual(['completed', 0, 60_000]);
  });

  it('counts the time until a request was sent, which k6 has in a row of its own', () => {
    const text = started(10, 1) + row('http_req_duration', 50, 30, 1) + row('http_req_blocked', 50, 10, 1);
    expect(ingest(text + ended(51, 1)).resolved[0]?.serviceUs).toBe(40_000);
  });

  it('leaves out the requests for a token of the target, in iterations and in setup', () => {
    const name = { name: 'gauntlet-token' };
    const text =
      request(5, 4, 1, { ...name, scenario: '', group: '::setup' }) +
      started(10, 1) +
      request(900, 800, 1, name) +
      request(940, 30, 1) +
      ended(950, 1);
    const { one, resolved } = ingest(text);
    expect([resolved[0]?.serviceUs, one.scriptEnd().setup.requests]).toEqual([30_000, 0]);
  });

  it('is an upper bound, never 0, for a request without any timing', () => {
    const refused = { status: '0', code: '1212', expected: 'false' };
    const [one] = ingest(started(10, 1) + request(14, 0, 1, refused) + ended(15, 1)).resolved;
    expect([one?.serviceUs, one?.outcome]).toEqual([4000, 'refused']);
  });

  it('leaves out the length of a stream of gRPC', () => {
    const name = { name: 'svc/Watch' };
    const call = { name: 'svc/Get', status: '0' };
    const text =
      started(0, 1) +
      row('grpc_streams', 1, 1, 1, name) +
      row('grpc_req_duration', 900, 899, 1, name) +
      row('grpc_req_duration', 950, 20, 1, call) +
      ended(960, 1);
    expect(ingest(text).resolved[0]?.serviceUs).toBe(20_000);
  });

  it('is given for each step: by group, name or a tag, whatever signs they hold', () => {
    const text =
      started(0, 1) +
      request(10, 10, 1, { group: '::front "page", all', tags: 'odd=a=b&page=one' }) +
      request(40, 20, 1, { group: '::cart', tags: 'page=two&x=1' }) +
      ended(50, 1);
    const stepsBy = (steps: string) => ingest(text, CLOSED, { steps }).resolved[0]?.steps;
    expect(stepsBy('group')).toEqual([
      { name: 'front-"page"-all', serviceUs: 10_000 },
      { name: 'cart', serviceUs: 20_000 },
    ]);
    expect(stepsBy('tag:page')?.map((one) => one.name)).toEqual(['one', 'two']);
    expect(stepsBy('tag:nothing')).toBeUndefined();
  });
});

describe('the outcome of an iteration', () => {
  it('is what is first in this order: thrown, a failed check, no answer, an unexpected answer, good', () => {
    const begin = started(0, 1);
    const end = ended(50, 1);
    const threw = row('gauntlet_threw', 45, 1, 1);
    const refused = request(20, 5, 1, { status: '0', code: '1212', expected: 'false' });
    expect(outcomeOf(begin + refused + check('is, "it"\nok', 0) + threw + end)).toBe('threw');
    expect(outcomeOf(begin + refused + check('is, "it"\nok', 0) + end)).toBe('check:is, "it"\nok');
    expect(outcomeOf(begin + refused + check('fine', 1) + end)).toBe('refused');
    expect(outcomeOf(begin + request(20, 5, 1, bad) + end)).toBe('http-500');
    expect(outcomeOf(begin + row('grpc_req_duration', 20, 5, 1, { status: '14' }) + end)).toBe('grpc-14');
    expect(outcomeOf(begin + request(20, 5, 1) + end)).toBe('ok');
  });

  it('leaves an unexpected status to the checks of a script that has some', () => {
    expect(outcomeOf(started(0, 1) + request(20, 5, 1, bad) + check('wanted', 1) + ended(50, 1))).toBe('ok');
  });

  it('is not taken from tags of a request that imitate ours', () => {
    const tags = 'outcome=timeout&vu=9&gauntlet_threw=1';
    expect(outcomeOf(started(0, 1) + request(20, 5, 1, { tags }) + ended(50, 1))).toBe('ok');
  });
});

describe('the ledger of a closed executor', () => {
  const two = started(0, 1) + started(1, 2) + request(30, 20, 1) + ended(31, 1);

  it('has each iteration once: completed, cut off, or not run before maxDuration', () => {
    const { resolved, dues, one, firsts } = ingest(two + row('dropped_iterations', 500, 2, null));
    expect(dues).toEqual(['started', 'started', 'dropped', 'dropped']);
    expect(resolved.map(({ kind }) => kind)).toEqual(['completed', 'dropped', 'dropped', 'interrupted']);
    expect(resolved[1]?.responseUs).toBe(500_000);
    expect(one.expectedDue('f.a', { kind: 'schedule-over' })).toEqual({ least: 4, most: 4 });
    expect(one.problems('f.a')).toEqual([]);
    expect(firsts).toBe(1);
  });

  it('has nothing of setup and teardown, which are counted apart', () => {
    const setup = { scenario: '', group: '::setup' };
    const { resolved, one } = ingest(request(1, 1, 1, setup) + request(2, 1, 1, { ...setup, ...bad }) + two);
    expect(resolved).toHaveLength(2);
    expect(one.scriptEnd()).toEqual({
      setup: { requests: 2, failed: 1 },
      teardown: { requests: 0, failed: 0 },
      withoutRequest: {},
    });
  });

  it('says which iterations sent no request', () => {
    expect(ingest(started(0, 1) + ended(5, 1)).one.scriptEnd().withoutRequest).toEqual({ 'f.a': 1 });
  });

  it('is not balanced by a row that cannot be read, or by an executor that nobody planned', () => {
    expect(ingest(`${two}checks,soon,1,,,,,,a,,,\n`).one.problems('f.a')).toEqual([
      '1 lines of k6\'s stream could not be read, the first was: "checks,soon,1,,,,,,a,,,"',
    ]);
    const other = row('gauntlet_started', 9, 1, 3, { scenario: 'b' });
    expect(ingest(two + other).one.problems('f.a')).toEqual([
      "1 samples of the executor 'b', which is not in the plan",
    ]);
  });
});

describe('the due times of an arrival-rate executor', () => {
  it('are those of its own numbers: what starts late is late', () => {
    const arrivals = { unitMs: 1000, startRate: 10, targets: [], durationsMs: [] };
    const own = { startMs: ms(0), lengthMs: ms(400), arrivals };
    const open: ForeignFlow = { kind: 'constant-arrival-rate', model: 'open', exec: 'default', own };
    const text = [0, 100, 260, 300].map((atMs, index) => {
      const vu = index + 1;
      return started(atMs, vu) + request(atMs + 20, 20, vu) + ended(atMs + 21, vu);
    });
    const { resolved, one } = ingest(text.join(''), open);
    expect(resolved.map(({ latenessUs, responseUs }) => [latenessUs, responseUs])).toEqual([
      [0, 20_000],
      [0, 20_000],
      [60_000, 80_000],
      [0, 20_000],
    ]);
    expect(one.expectedDue('f.a', { kind: 'schedule-over' })).toEqual({ least: 3, most: 6 });
  });
});

it('refuses a stream with other columns', () => {
  const one = () => ingest('x\n', CLOSED, {}, 4096);
  expect(one).not.toThrow();
  const ours = new ForeignIngest({
    ...{ flows: [flowOf(CLOSED)], foreign: FOREIGN, durationMs: ms(1), baseSecond: BASE_SECOND },
    ...{ sink: { due: () => undefined, resolved: () => undefined }, onFirst: () => undefined },
  });
  expect(() => ours.push(Buffer.from('metric_name,timestamp\n'))).toThrow(/expected the columns metric_name/);
});
