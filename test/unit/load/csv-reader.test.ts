import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDecimal, readWhole } from '../../../src/load/csv-lines.ts';
import { CsvReader, type K6Sample, type SampleHandler } from '../../../src/load/csv-reader.ts';

const BASE = 1_800_000_000;
const HEADER = 'metric_name,timestamp,metric_value,scenario,extra_tags,metadata\n';
const STAMP = '1800000003000000250';

/** The calls as rows: the reader uses its sample again. */
class Seen implements SampleHandler {
  readonly calls: unknown[][] = [];
  started({ atNs, executor, vu }: K6Sample): void {
    this.calls.push(['started', atNs, executor, vu]);
  }
  answered({ atNs, executor, vu, valueMs, word }: K6Sample): void {
    this.calls.push(['answered', atNs, executor, vu, valueMs, word]);
  }
  stepped({ atNs, executor, vu, valueMs, word }: K6Sample): void {
    this.calls.push(['stepped', atNs, executor, vu, valueMs, word]);
  }
  connected({ atNs, executor, vu, valueMs }: K6Sample): void {
    this.calls.push(['connected', atNs, executor, vu, valueMs]);
  }
  dropped({ atNs, executor }: K6Sample): void {
    this.calls.push(['dropped', atNs, executor]);
  }
  pulse(atNs: number): void {
    this.calls.push(['pulse', atNs]);
  }
}

function read(text: string, pieces = 1) {
  const seen = new Seen();
  const reader = new CsvReader(seen, BASE);
  const bytes = Buffer.from(text);
  const size = Math.ceil(bytes.length / pieces);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  reader.end();
  return { calls: seen.calls, reader };
}

const LINES = [
  `http_reqs,${STAMP},1.000000,get,flow=a.b,vu=12`,
  `http_req_duration,${STAMP},0.300000,get,flow=a.b,vu=12`,
  `gauntlet_started,${STAMP},1.000000,get,flow=a.b,vu=12`,
  `gauntlet_connect_ms,${STAMP},0.250000,get,flow=a.b,vu=12`,
  `gauntlet_step_ms,${STAMP},4.500000,get,step=post&flow=a.b,vu=12`,
  `gauntlet_service_ms,${STAMP},12.345678,get,flow=a.b&outcome=http-500,vu=12`,
  `gauntlet_service_ms,${STAMP},1.500000,get,outcome=ok&flow=a.b,vu=7`,
  `dropped_iterations,${STAMP},1.000000,other,,`,
  `data_sent,${STAMP},98.000000,get,flow=a.b,vu=12`,
  `vus,${STAMP},4.000000,,,`,
  `vus_max,${STAMP},4.000000,,,`,
  `group_duration,${STAMP},4.000000,get,,`,
];
const CALLS = [
  ['started', 3_000_000_250, 'get', 12],
  ['connected', 3_000_000_250, 'get', 12, 0.25],
  ['stepped', 3_000_000_250, 'get', 12, 4.5, 'post'],
  ['answered', 3_000_000_250, 'get', 12, 12.345678, 'http-500'],
  ['answered', 3_000_000_250, 'get', 7, 1.5, 'ok'],
  ['dropped', 3_000_000_250, 'other'],
  ['pulse', 3_000_000_250],
];

describe('the reader of k6 samples', () => {
  it('hands over the samples of ours, to the nanosecond, and steps over all others', () => {
    const { calls, reader } = read(`${HEADER}${LINES.join('\n')}\n`);
    expect(calls).toEqual(CALLS);
    expect(reader.lines).toBe(LINES.length + 1);
    expect(reader.unreadable).toEqual({ count: 0, first: '' });
  });

  it('does not care where the pipe cuts its pieces', () => {
    const text = `${HEADER}${LINES.join('\n')}\n`;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: text.length }), (pieces) => {
        expect(read(text, pieces).calls).toEqual(CALLS);
      }),
    );
  });

  it('finds the columns by the header', () => {
    const header = 'metric_name,timestamp,metric_value,group,scenario,url,extra_tags,metadata\n';
    const { calls } = read(`${header}gauntlet_started,${STAMP},1.000000,g,get,http://x,flow=a,vu=3\n`);
    expect(calls).toEqual([['started', 3_000_000_250, 'get', 3]]);
  });

  it('refuses a stream that is not the CSV of k6, with what it got', () => {
    const header = 'metric_name,timestamp,metric_value,scenario,extra_tags';
    expect(() => read(`${header}\n`)).toThrow(
      'k6 --out csv: expected the columns metric_name, timestamp, metric_value, ..., scenario, extra_tags, metadata, ' +
        `got "${header}". Use k6 2.2 (gauntlet doctor shows which one was found).`,
    );
  });

  it.each([
    ['without a VU', `gauntlet_started,${STAMP},1.000000,get,flow=a,`],
    ['without an outcome', `gauntlet_service_ms,${STAMP},1.000000,get,flow=a,vu=3`],
    ['without an executor', `gauntlet_started,${STAMP},1.000000,,flow=a,vu=3`],
    ['with a stamp in seconds', 'gauntlet_started,1800000003,1.000000,get,flow=a,vu=3'],
    ['with a column too many', `gauntlet_started,${STAMP},1.000000,get,flow=a,vu=3,x`],
    ['with a quoted field', `gauntlet_started,${STAMP},1.000000,get,"flow=a,b",vu=3`],
  ])('counts a line of ours %s and keeps the first of them', (_, line) => {
    const { calls, reader } = read(`${HEADER}${line}\n${LINES[2]}\n`);
    expect(calls).toEqual([CALLS[0]]);
    expect(reader.unreadable).toEqual({ count: 1, first: line });
  });

  it('counts a last line that was cut off', () => {
    const { reader } = read(`${HEADER}${LINES[2]}\ngauntlet_sta`);
    expect(reader.unreadable).toEqual({ count: 1, first: 'gauntlet_sta' });
  });

  it('reads the numbers that Go writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(999_999), (whole, micro) => {
        const text = `${whole === 0 ? '' : whole < 0 ? '-' : ''}${Math.abs(whole)}.${String(micro).padStart(6, '0')}`;
        expect(readDecimal(Buffer.from(text), 0, text.length)).toBeCloseTo(Number(text), 5);
      }),
    );
    for (const text of ['NaN', '+Inf', '', '1e5', '-']) {
      expect(readDecimal(Buffer.from(text), 0, text.length)).toBeNaN();
    }
    expect(readWhole(Buffer.from('0012'), 0, 4)).toBe(12);
  });
});
