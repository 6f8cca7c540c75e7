/**
 * The report as one HTML file: it makes no request (its own policy forbids them), every table works without
 * JavaScript, and no text from a target becomes markup.
 */

import { answerOf } from '../answer.ts';
import { jsonForScript } from '../escape.ts';
import type { ReportAssets, ReportInput } from '../input.ts';
import { auditSection } from './audit.ts';
import { capacitySection, repeatsSection } from './capacity.ts';
import { chartData } from './chart-data.ts';
import { CHART_SCRIPT } from './chart-script.ts';
import { chartsSection } from './charts.ts';
import { environmentSection, ledgerSection, planSection, readingSection, timelineSection } from './end.ts';
import { faultsSection } from './faults.ts';
import { gateLinks, gateSections } from './gate.ts';
import { historySection } from './history.ts';
import { pathsSection } from './paths.ts';
import { percentilesSection } from './percentiles.ts';
import { recordsSection } from './records.ts';
import { recoverySection } from './recovery.ts';
import { scriptsSection } from './scripts.ts';
import { STYLE } from './style.ts';
import { html, type Markup, trusted } from './tag.ts';
import { objectivesSection, verdictSection } from './verdict.ts';

/** Forbids every load: the browser itself refuses any request of this page. */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "script-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Text inside a script or style element ends only at its own end tag. */
const embedded = (code: string): string =>
  code.replace(/<\/(script|style)/gi, '<\\/$1').replace(/<!--/g, '<\\!--');

/** What a run of one target shows in addition to its verdict. */
const runSections = (input: ReportInput, data: ReturnType<typeof chartData>): readonly (Markup | null)[] => [
  objectivesSection(input),
  auditSection(input),
  chartsSection(data),
  capacitySection(input),
  recoverySection(input),
  repeatsSection(input),
  recordsSection(input),
  pathsSection(input),
  percentilesSection(input),
  faultsSection(input),
];

/** A gate has its pictures in its markup. */
const scripts = (data: ReturnType<typeof chartData>, { uplotJs }: ReportAssets): Markup =>
  html`<script type="application/json" id="chart-data">${trusted(jsonForScript(data))}</script>
<script>${trusted(embedded(uplotJs))}</script>
<script>${trusted(embedded(CHART_SCRIPT))}</script>`;

/** @param assets the text of uPlot's script and style sheet (see assets.ts); embedded into the file. */
export function renderHtml(input: ReportInput, assets: ReportAssets): string {
  const { run, verdict } = input.result;
  const data = chartData(input);
  const { gate } = input.result;
  const isGate = gate !== undefined;
  const links = gate
    ? gateLinks(gate)
    : ([
        ['objectives', 'Objectives'],
        ...(input.result.audit ? ([['audit', 'Audit']] as const) : []),
        ['charts', 'Over time'],
        ...(input.result.capacity.length > 0 ? ([['capacity', 'Capacity']] as const) : []),
        ['recovery', 'Recovery'],
        ...(input.result.records ? ([['records', 'Records']] as const) : []),
        ...(input.result.paths ? ([['paths', 'Paths']] as const) : []),
        ['percentiles', 'Percentiles'],
        ['faults', 'Faults'],
        ['ledger', 'Ledger'],
        ['reading', 'How to read'],
        ['plan', 'Plan'],
      ] as readonly (readonly [string, string])[]);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${isGate || input.result.history ? answerOf(input) : `${verdict.status}: ${run.campaign} on ${run.target}`} – Gauntlet</title>
<link rel="icon" href="data:,">
<style>${trusted(embedded(assets.uplotCss))}</style>
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#verdict">Skip to the verdict</a>
<header class="top">
<span class="brand">Gauntlet</span>
<nav aria-label="Sections">${links.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}</nav>
</header>
<main>
${verdictSection(input)}
${historySection(input)}
${isGate ? gateSections(input) : runSections(input, data)}
${scriptsSection(input)}
${ledgerSection(input)}
${timelineSection(input)}
${readingSection(input)}
${environmentSection(input)}
${planSection(input)}
</main>
${!isGate && scripts(data, assets)}
</body>
</html>
`.markup;
}
