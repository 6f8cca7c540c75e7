/**
 * One escape for each language a report is written in. Flow names, evidence and error texts come from
 * targets, so none of them may end a tag, break a table, move a cursor or make a JUnit file unreadable.
 */
import { plain } from '../core/plain.ts';

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => HTML[sign] ?? sign);

/** As HTML, and what XML 1.0 cannot hold at all (control characters, lone surrogates) becomes U+FFFD. */
export const escapeXml = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, (sign) => ('\t\n\r'.includes(sign) ? sign : '\uFFFD'))
    .replace(/[&<>"'\t\n\r]/g, (sign) => HTML[sign] ?? `&#${sign.charCodeAt(0)};`);

/** For a table cell, a list item or a heading of GitHub-flavoured Markdown; always one line. */
export const escapeMarkdown = (text: string): string =>
  plain(text)
    .replace(/&/g, '&amp;')
    .replace(/[\\`*_[\]<>|~]/g, '\\$&')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replace(/^[#+\-=](?=\s|$|[#+\-=])/, '\\$&');

/** JSON for a script element: nothing in it can close the element or open a comment. */
export const jsonForScript = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
