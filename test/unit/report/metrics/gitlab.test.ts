import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReportInput } from '../../../../src/report/input.ts';
import { renderGitlab as render } from '../../../../src/report/metrics/gitlab.ts';
import { demoInput, emptyInput, historyInput } from '../fixture.ts';
import { FLOW, gateInput, withRecovery } from '../gate-fixture.ts';
import { nightOf } from './night-fixture.ts';

const renderGitlab = (input: ReportInput): string =>
  render({ night: nightOf(input), plan: input.plan, result: input.result, trend: null });

/** Words as a POSIX shell splits them: quotes group and vanish, a backslash takes the next sign as it is. */
function shellsplit(line: string): string[] {
  const words: string[] = [];
  const token = /\s*(?:((?:[^\s\\'"]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)|(\S))/gy;
  for (const match of line.matchAll(token)) {
    if (match[2] !== undefined) throw new Error(`unmatched quote in ${line}`);
    words.push(
      (match[1] ?? '').replace(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
        (_, single, double, sign) => single ?? sign ?? (double as string).replace(/\\(["\\$`])/g, '$1'),
      ),
    );
  }
  return words;
}

/** What GitLab makes of a metrics report: cut at the first `#`, split as a shell does, first word and second. */
function asGitlab(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, value] = shellsplit(line.replace(/#.*/, ''));
    if (name !== undefined && value !== undefined) found.set(name, value);
  }
  return found;
}

const RUN = demoInput();
const withFlow = (name: string): ReportInput => {
  const input = RUN;
  const stats = input.result.flows[FLOW];
  if (stats === undefined) throw new Error('the fixture has the flow');
  return {
    ...input,
    result: { ...input.result, faults: [], flows: { [name]: stats } },
    plan: { ...input.plan, load: [] },
    series: {},
  };
};

describe('the metrics of a run for GitLab', () => {
  it('are few, and three digits each', () => {
    const lines = renderGitlab(demoInput()).split('\n');
    expect(lines[0]).toBe('gauntlet_exit_code 1');
    expect(lines[1]).toBe(
      'gauntlet_response_seconds{flow="gateway.intentions",phase="baseline",quantile="0.5"} 0.0169',
    );
    expect(lines).toContain('gauntlet_failed_ratio{flow="gateway.intentions",phase="baseline"} 0');
    expect(lines).toContain('gauntlet_recovery_censored{fault="partition-kafka",sli="hive.plan%20failed"} 1');
    expect(lines).toContain('gauntlet_recovery_seconds{fault="kill-pod",sli="held"} 5.19');
    expect(lines.filter((one) => one.includes('hive.plan%20failed'))).toHaveLength(1);
    expect(lines.length).toBeLessThan(60);
  });

  it('are read by GitLab as they were written, each name once', () => {
    for (const input of [demoInput(), emptyInput(), gateInput(), gateInput({ failing: 3 })]) {
      const text = renderGitlab(input);
      const written = text
        .trimEnd()
        .split('\n')
        .map((line) => line.replaceAll('"', '').split(' '));
      expect([...asGitlab(text)]).toEqual(written);
      for (const [, value] of asGitlab(text)) expect(Number(value)).not.toBeNaN();
    }
  });

  it('say the same of equal numbers, line by line', () => {
    expect(renderGitlab(gateInput())).toBe(renderGitlab(gateInput()));
    const again = demoInput();
    expect(renderGitlab({ ...again, events: [], result: { ...again.result, harness: null } })).toBe(
      renderGitlab(demoInput()),
    );
  });

  it('keep any name of a flow apart from any other', () => {
    const name = fc
      .oneof(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        fc.constantFrom('a#2', 'a 2', 'a%232', '"', "'", '\\', 'a{b="c"} 1'),
      )
      // Lone surrogates are no text: they all become U+FFFD.
      .filter((one) => !/\p{Cs}/u.test(one) && one !== '__proto__');
    fc.assert(
      fc.property(name, name, (one, other) => {
        const [first, second] = [one, other].map((flow) => asGitlab(renderGitlab(withFlow(flow))));
        expect(first?.size).toBe(5);
        expect(first?.get('gauntlet_exit_code')).toBe('1');
        if (one !== other)
          expect([...(first?.keys() ?? [])].slice(1)).not.toEqual([...(second?.keys() ?? [])].slice(1));
      }),
      { numRuns: 100 },
    );
  });

  it('hold ratios, both sides and what could have been found of a gate', () => {
    const found = asGitlab(renderGitlab(gateInput()));
    expect(found.get('gauntlet_exit_code')).toBe('0');
    expect(found.get('gauntlet_gate_pairs')).toBe('24');
    expect(Number(found.get(`gauntlet_gate_ratio{flow=${FLOW},metric=p99,bound=high}`))).toBeLessThan(1.1);
    expect(
      Number(found.get(`gauntlet_gate_response_seconds{flow=${FLOW},metric=p50,side=baseline}`)),
    ).toBeCloseTo(0.02, 2);
    expect(found.get(`gauntlet_gate_failed_difference{flow=${FLOW},bound=estimate}`)).toBe('0');
  });

  it('hold the recoveries of a gate', () => {
    const found = asGitlab(renderGitlab(withRecovery(gateInput())));
    const labels = `fault=kill-pod,flow=${FLOW}`;
    expect(found.get(`gauntlet_gate_recovery_pairs{${labels}}`)).toBe('6');
    expect(found.get(`gauntlet_gate_recovery_ratio{${labels},bound=high}`)).toBe('1.7');
  });

  it('hold the ratio of a candidate to earlier runs', () => {
    const found = asGitlab(renderGitlab(historyInput()));
    expect(found.get('gauntlet_gate_earlier_runs')).toBe('12');
    expect(found.get('gauntlet_gate_ratio{flow=gateway.intentions,metric=p99,bound=low}')).toBe('1.12');
    expect(
      found.get('gauntlet_gate_response_seconds{flow=gateway.intentions,metric=p99,side=baseline}'),
    ).toBe('0.07');
  });

  it('have no line for what was not measured', () => {
    expect(renderGitlab(emptyInput())).toBe('gauntlet_exit_code 4\n');
  });
});
