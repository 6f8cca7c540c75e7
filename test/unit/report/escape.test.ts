import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plain } from '../../../src/core/plain.ts';
import { escapeHtml, escapeMarkdown, escapeXml, jsonForScript } from '../../../src/report/escape.ts';
import { html, trusted } from '../../../src/report/html/tag.ts';

describe('escaping', () => {
  it('leaves nothing in HTML that could be a tag or end an attribute', () => {
    expect(escapeHtml(`<a href="x" title='y'>&`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;');
  });

  it('replaces what XML cannot hold, and keeps line breaks of attributes', () => {
    expect(escapeXml('a\u0000b\u001bc\uFFFE\ud800')).toBe('a\uFFFDb\uFFFDc\uFFFD\uFFFD');
    expect(escapeXml('a\nb\tc')).toBe('a&#10;b&#9;c');
    expect(escapeXml('Zürich 🚀')).toBe('Zürich 🚀');
  });

  it('keeps a Markdown cell in its cell and on its line', () => {
    expect(escapeMarkdown('a|b\n# c')).toBe('a\\|b # c');
    expect(escapeMarkdown('<script> *x* `y` [z](u)')).toBe('\\<script\\> \\*x\\* \\`y\\` \\[z\\](u)');
    expect(escapeMarkdown('# title')).toBe('\\# title');
    expect(escapeMarkdown('1. item')).toBe('1\\. item');
  });

  it('does not escape what needs none', () => {
    expect(escapeMarkdown('5.1 s = 0.2 s + 4.9 s')).toBe('5.1 s = 0.2 s + 4.9 s');
    expect(escapeMarkdown('gateway.intentions')).toBe('gateway.intentions');
  });

  it('takes terminal control out of text, reversed reading order included', () => {
    expect(plain('red\u001b[31m\nline\u202Eeman')).toBe('red [31m lineeman');
  });

  it('writes JSON that cannot end its script element and reads back as it was', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('</script><!--\u2028')), (text) => {
        const written = jsonForScript({ text });
        expect(written).not.toMatch(/[<>\u2028\u2029]/);
        expect(JSON.parse(written)).toEqual({ text });
      }),
    );
  });
});

describe('the html tag', () => {
  it('escapes every string and inserts markup as it is', () => {
    expect(html`<b>${'<i>'}</b>${trusted('<hr>')}`.markup).toBe('<b>&lt;i&gt;</b><hr>');
  });

  it('joins lists, keeps zero and leaves nothing for null and false', () => {
    expect(html`[${['a', html`<br>`, 0]}${null}${false}]`.markup).toBe('[a<br>0]');
  });
});
