import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../../src/core/verdict.ts';
import { renderJunit } from '../../../src/report/junit.ts';
import { demoInput, emptyInput } from './fixture.ts';

/** What is wrong with the form of an XML text: tags out of order, stray signs, attributes without quotes. */
function flaws(xml: string): string[] {
  const open: string[] = [];
  const found: string[] = [];
  const rest = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  let at = 0;
  for (const match of rest.matchAll(/<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g)) {
    found.push(...(/[<>]|&(?!(?:amp|lt|gt|quot|#\d+);)/.exec(rest.slice(at, match.index)) ?? []));
    at = match.index + match[0].length;
    const [, end, name = '', , single] = match;
    if (end === '/') {
      if (open.pop() !== name) found.push(`</${name}>`);
    } else if (single !== '/') open.push(name);
  }
  return [...found, ...open, ...(rest.slice(at).trim() === '' ? [] : [rest.slice(at)])];
}

describe('the JUnit file', () => {
  const xml = renderJunit(demoInput());

  it('is well-formed, and its own check would notice if not', () => {
    expect(flaws(xml)).toEqual([]);
    expect(flaws('<a><b></a>')).not.toEqual([]);
    expect(flaws('<a>1 < 2</a>')).not.toEqual([]);
  });

  it('has one case per objective, one per fault and one for the verdict', () => {
    expect(xml).toContain(
      '<testsuites name="demo on sandbox" tests="9" failures="3" errors="1" time="158.000">',
    );
    const names = [...xml.matchAll(/<testcase classname="([^"]+)"/g)].map((match) => match[1]);
    expect(names).toEqual([
      ...Array(5).fill('demo.objectives'),
      ...Array(3).fill('demo.faults'),
      'demo.verdict',
    ]);
  });

  it('calls a miss a failure, missing data an error, and nothing skipped', () => {
    expect(xml).toContain(
      '<failure type="FAIL" message="observed – in 1260 samples; still degraded when the watch ended after 60 s"/>',
    );
    expect(xml).toContain(
      '<failure type="INCONCLUSIVE" message="observed 294 ms, 95% interval 279 ms … 331 ms in 300 samples; the limit lies inside the 95% interval"/>',
    );
    expect(xml).toContain(
      '<error type="NO-DATA" message="observed – in 150 samples; a p99 needs 1,000 samples"/>',
    );
    expect(xml).not.toContain('<skipped');
  });

  it('does not let a fault pass that was not proven gone', () => {
    const input = demoInput();
    const faults = input.result.faults.map((fault, index) =>
      index === 0
        ? { ...fault, removedAt: null, removal: null }
        : { ...fault, status: index === 1 ? ('residue' as const) : ('not-injected' as const) },
    );
    const shown = renderJunit({ ...input, result: { ...input.result, faults } });
    expect(shown).toContain('<error type="RESIDUE" message="the run ended before the removal was proven"/>');
    expect(shown).toContain(
      '<error type="RESIDUE" message="not proven removed: no impairment on 6 links; kafka-2 is back in every ISR"/>',
    );
    expect(shown).toContain('<error type="NO-DATA" message="not proven injected: PING took 82 ms');
  });

  it('errs on a fault whose group was not whole, though it was itself injected and removed', () => {
    const input = demoInput();
    const group = { name: 'kill-pod+b', how: 'together', spoiled: 'b: not injected (no effect)' } as const;
    const faults = input.result.faults.map((fault, index) => (index === 0 ? { ...fault, group } : fault));
    const shown = renderJunit({ ...input, result: { ...input.result, faults } });
    expect(shown).toContain(
      '<error type="NO-DATA" message="its group kill-pod+b counts as not injected: b: not injected (no effect)"/>',
    );
  });

  it('passes a run that passed', () => {
    const input = demoInput();
    const verdict = verdictOf([{ status: 'PASS', text: 'all good' }]);
    const plan = { ...input.plan, faults: [] };
    const shown = renderJunit({
      ...input,
      plan,
      result: { ...input.result, objectives: [], faults: [], verdict },
    });
    expect(shown).toContain('tests="1" failures="0" errors="0"');
  });

  it('has an error for every planned fault that the run never came to', () => {
    const shown = renderJunit({ ...emptyInput(), plan: demoInput().plan });
    expect(shown.match(/<error type="NO-DATA" message="the run ended before it"\/>/g)).toHaveLength(3);
    expect(shown).toContain('tests="4" failures="0" errors="4"');
  });

  it('fails a run without results', () => {
    const shown = renderJunit(emptyInput());
    expect(flaws(shown)).toEqual([]);
    expect(shown).toContain('<testsuites name="demo on sandbox" tests="1" failures="0" errors="1"');
    expect(shown).toContain('<system-out>INVALID interrupted by SIGINT</system-out>');
  });

  it('stays well-formed whatever a target writes into its evidence', () => {
    const input = demoInput();
    const victim = '<script>"]]>&\u0000\u001b[31m\n';
    const faults = input.result.faults.map((fault) => ({ ...fault, victim, name: victim }));
    expect(flaws(renderJunit({ ...input, result: { ...input.result, faults } }))).toEqual([]);
  });
});
