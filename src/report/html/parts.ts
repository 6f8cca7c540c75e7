/** The small elements of every section: badges, tables that scroll separately, headings. */

import { type Tone, toneOfStatus } from '../tone.ts';
import { html, type Markup, type Piece } from './tag.ts';

type Status = Parameters<typeof toneOfStatus>[0];

/** Always a word, with its colour as a second sign. */
export const badge = (text: string, tone: Tone): Markup => html`<span class="badge ${tone}">${text}</span>`;

export const statusBadge = (status: Status, text: string = status): Markup =>
  badge(text, toneOfStatus(status));

export interface Head {
  readonly title: string;
  readonly align?: 'num';
  /** A tooltip; the definitions are also in "How to read". */
  readonly hint?: string;
  readonly classes?: string;
}

export const num = (title: string, hint?: string): Head => ({
  title,
  align: 'num',
  ...(hint !== undefined && { hint }),
});

const classOf = (head: Head): string => [head.align ?? '', head.classes ?? ''].join(' ').trim();

export const headRow = (heads: readonly Head[]): Markup =>
  html`<tr>${heads.map(
    (head) => html`<th scope="col" class="${classOf(head)}" title="${head.hint ?? ''}">${head.title}</th>`,
  )}</tr>`;

/** A table with a caption for screen readers, in a box that can be scrolled with the keyboard. */
export const table = (caption: string, heads: readonly Head[], body: Piece): Markup =>
  html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption class="unseen">${caption}</caption>
<thead>${headRow(heads)}</thead>
${body}
</table></div>`;

export const section = (id: string, title: string, lead: Piece, body: Piece): Markup =>
  html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${lead === null ? null : html`<p class="lead">${lead}</p>`}
${body}
</section>`;

export const nothing = (text: string): Markup => html`<p class="nothing">${text}</p>`;

export const numCell = (text: Piece, tone: Tone = 'plain'): Markup =>
  html`<td class="num ${tone === 'plain' ? '' : `t-${tone}`}">${text}</td>`;

/** Allows line breaks after the separators in a name, and only there. */
export const breakable = (name: string): Markup =>
  html`${name.split(/(?<=[:./])/).map((part, index) => html`${index > 0 && html`<wbr>`}${part}`)}`;
