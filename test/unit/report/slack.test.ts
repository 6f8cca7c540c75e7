import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/core/message.ts';
import { slackText } from '../../../src/report/slack-message.ts';

const MESSAGE: Message = {
  schema: 'gauntlet.message/1',
  ...{ id: 'x', campaign: 'nightly', environment: 'staging', run: 'run-1' },
  ...{ startedAt: '2026-11-21T03:12:08.000Z', endedAt: '2026-11-21T03:15:08.000Z' },
  ...{ verdict: 'FAIL', previous: 'PASS', changes: [{ kind: 'verdict', text: 'FAIL after PASS.' }] },
  headline: 'FAIL: P99 < 500ms was missed',
  reasons: [{ status: 'FAIL', text: 'p99 < 500ms: 612 ms' }],
  ...{ moreReasons: 0, report: 'https://ci.example/run/1' },
};
interface Block {
  readonly text?: { readonly text: string };
  readonly elements?: readonly { readonly text: string }[];
}
const read = (message: Message): { readonly text: string; readonly blocks: readonly Block[] } =>
  JSON.parse(slackText(message));
const said = (message: Message): string[] =>
  read(message).blocks.map((one) => one.text?.text ?? one.elements?.[0]?.text ?? '');

describe('a message for Slack', () => {
  it('begins with the answer, then what changed, then why, then where to look', () => {
    expect(said(MESSAGE)).toEqual([
      'FAIL: nightly on staging',
      ':red_circle: FAIL: P99 &lt; 500ms was missed',
      '*FAIL after PASS.*',
      '• FAIL: p99 &lt; 500ms: 612 ms',
      'run run-1 · <https://ci.example/run/1|report>',
    ]);
    expect(read(MESSAGE).text).toBe('FAIL: nightly on staging. FAIL: P99 &lt; 500ms was missed');
  });

  it('fits whatever Slack allows, however much there is to say', () => {
    const long = '&<>'.repeat(3000);
    const many = Array.from({ length: 500 }, (_, index) => `${index} ${long}`);
    const message: Message = {
      ...MESSAGE,
      ...{ campaign: long, headline: long, run: long, report: `/${long}` },
      changes: many.map((text) => ({ kind: 'worse', text })),
      reasons: many.map((text) => ({ status: 'FAIL', text })),
    };
    const { blocks } = read(message);
    expect(blocks.length).toBeLessThanOrEqual(50);
    const texts = said(message);
    expect(texts[0]?.length).toBeLessThanOrEqual(150);
    for (const text of texts) expect(text.length).toBeLessThanOrEqual(3000);
    expect(texts.join('').length + read(message).text.length).toBeLessThanOrEqual(13_000);
    for (const text of texts.slice(1))
      expect(text.replaceAll(/&(amp|lt|gt);/g, '')).not.toMatch(/[&<>](?!https)/);
  });

  it('lets no foreign text begin markup, a mention or a link', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const message = { ...MESSAGE, headline: `${text}<!channel> *b* @here`, report: null };
        const [, headline = ''] = said(message);
        expect(headline).not.toMatch(/[<>]|@here|\*b\*/);
      }),
    );
  });
});
