import { describe, expect, it } from 'vitest';
import { githubAnnotations } from '../../../src/report/github.ts';
import { renderHtml } from '../../../src/report/html/page.ts';
import { renderJunit } from '../../../src/report/junit.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { runbookAfter } from '../../../src/report/runbook-after.ts';
import { renderSummary } from '../../../src/report/text.ts';
import { demoInput } from './fixture.ts';

const SAID = 'the certificate of web is not checked';
const FORMATS = {
  text: (input: ReturnType<typeof demoInput>) => renderSummary(input, { width: 200, color: false } as never),
  markdown: renderMarkdown,
  html: (input: ReturnType<typeof demoInput>) => renderHtml(input, { uplotJs: '', uplotCss: '' }),
  junit: renderJunit,
  github: githubAnnotations,
  'game day': runbookAfter,
};

describe.each(Object.entries(FORMATS))('the report as %s', (_, render) => {
  it('says whose certificates were not checked, and nothing where all were', () => {
    const input = demoInput();
    const open = { ...input, plan: { ...input.plan, insecure: ['web'] } };
    expect(render(open)).toContain(SAID);
    expect(render(input)).not.toContain('is not checked');
  });
});
