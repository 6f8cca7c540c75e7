/** What an A/A gate has found out about its place. */
import type { GatePlan, GateResult } from '../../core/gate.ts';
import { aaSentence, noiseTable } from '../gate-noise.ts';
import { num, numCell, section, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

export function noiseSection({ aa }: GateResult, plan: GatePlan): readonly Markup[] {
  if (aa === undefined) return [];
  const { titles, rows } = noiseTable(aa, plan);
  const heads = titles.map((title, at) => (at === 0 ? { title } : num(title)));
  const body = rows.map(
    ([name = '', ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map((one) => numCell(one))}</tr>`,
  );
  const shown = rows.length === 0 ? null : table('Noise by metric', heads, html`<tbody>${body}</tbody>`);
  return [section('noise', 'Noise of this place', aaSentence(aa), shown)];
}
