/**
 * One escape for each output language of a report. Flow names, evidence and error texts come from targets, so
 * none of them may end a tag, break a table, move a cursor or make a JUnit file unreadable.
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

/**
 * As for HTML; characters that XML 1.0 does not allow (control characters, lone surrogates) become U+FFFD.
 */
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

/** What follows `::` in a workflow command of GitHub Actions; always one line. */
export const escapeCommand = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** A property of a workflow command: a colon would end it, a comma begin the next one. */
export const escapeCommandProperty = (text: string): string =>
  escapeCommand(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/**
 * A label value that no reader of metrics stumbles over, GitLab's least of all: it cuts a line at `#` and
 * splits it as a shell does. Percent-encoded, so that two names stay two.
 */
export const escapeLabel = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Cs}/gu, '\uFFFD')).replace(
    /[!'()*~]|%(?:3A|2F|40|2B)/g,
    (sign) => KEPT[sign] ?? `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const KEPT: Readonly<Record<string, string>> = { '%3A': ':', '%2F': '/', '%40': '@', '%2B': '+' };

/** JSON for a script element: nothing in it can close the element or open a comment. */
export const jsonForScript = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
