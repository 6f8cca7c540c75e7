/** The foreign scripts of a run. */
import { SCRIPTS_TITLE, scriptLines } from '../foreign-scripts.ts';
import type { ReportInput } from '../input.ts';
import { section } from './parts.ts';
import { html, type Markup } from './tag.ts';

/** Null for a run without any. */
export function scriptsSection(input: ReportInput): Markup | null {
  const scripts = scriptLines(input);
  if (scripts.length === 0) return null;
  const lead = 'Run unchanged by k6; what they measure themselves is shown and does not decide.';
  return section(
    'scripts',
    SCRIPTS_TITLE,
    lead,
    scripts.map(
      ({ name, lines }) => html`<h3>${name}</h3><ul>${lines.map((one) => html`<li>${one}</li>`)}</ul>`,
    ),
  );
}
