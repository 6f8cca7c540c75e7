import { describe, expect, it } from 'vitest';
import type { AbortFacts } from '../../../src/core/result.ts';
import { abortText } from '../../../src/report/abort.ts';
import { renderHtml } from '../../../src/report/html/page.ts';
import type { ReportInput } from '../../../src/report/input.ts';
import { renderJunit } from '../../../src/report/junit.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { renderSummary } from '../../../src/report/text.ts';
import { demoInput } from './fixture.ts';

const FACTS: AbortFacts = { why: 'x', metAt: 1, detectedAfterMs: 2710, undoneAfterMs: 410 };
const aborted = (over: Partial<AbortFacts> = {}): ReportInput => {
  const input = demoInput();
  return { ...input, result: { ...input.result, abort: { ...FACTS, ...over } } };
};

describe('an aborted run', () => {
  it('says in every report how fast it noticed and how fast its faults were gone', () => {
    const said =
      'Aborted: noticed 2.71 s after the condition held; every fault was proven gone 410 ms later.';
    const input = aborted();
    expect(renderSummary(input, { width: 120, color: false })).toContain(said);
    expect(renderMarkdown(input)).toContain(said);
    expect(renderHtml(input, { uplotJs: '', uplotCss: '' })).toContain(said);
    expect(renderJunit(input)).toContain(said);
  });

  it('names a fault that is not proven gone, in capitals', () => {
    const { result } = aborted({ undoneAfterMs: null });
    const faults = result.faults.map((one, index) => (index === 1 ? { ...one, removedAt: null } : one));
    expect(abortText({ ...result, faults })).toBe(
      'Aborted: noticed 2.71 s after the condition held; NOT proven gone: partition-kafka.',
    );
  });

  it('says so when no fault was in place, and when it was not a condition that ended it', () => {
    const { result } = aborted({ metAt: null, detectedAfterMs: null, undoneAfterMs: null });
    expect(abortText({ ...result, faults: [] })).toBe(
      'Aborted: no condition on the load was timed; no fault was in place.',
    );
  });

  it('is not spoken of in a run that was not aborted', () => {
    expect(renderMarkdown(demoInput())).not.toContain('Aborted:');
    expect(abortText({ abort: null, faults: [] })).toBeNull();
  });
});
