/** What a reader must know before any number, in Markdown: unchecked certificates, an end before time. */
import { insecureText } from '../core/insecure-text.ts';
import { abortText } from './abort.ts';
import { escapeMarkdown } from './escape.ts';
import type { ReportInput } from './input.ts';

export function cautionsMarkdown({ plan, result }: ReportInput): readonly string[] {
  const open = insecureText(plan);
  const aborted = abortText(result);
  return [
    ...(open === null ? [] : [`**WARNING:** ${escapeMarkdown(open)}`, '']),
    ...(aborted === null ? [] : [escapeMarkdown(aborted), '']),
  ];
}
