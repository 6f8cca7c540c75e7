/** The frame of the charts: the controls, the places for drawing, and the fault windows as text. */

import { formatOffset } from '../format.ts';
import type { ChartData, ChartWindow } from './chart-data.ts';
import { nothing, section } from './parts.ts';
import { html, type Markup } from './tag.ts';

const chip = (input: Markup, label: string): Markup =>
  html`<label class="chip">${input}<span>${label}</span></label>`;

const choice = (group: string, value: string, label: string, checked: boolean): Markup =>
  chip(html`<input type="radio" name="${group}" value="${value}"${checked && html` checked`}>`, label);

/** Filled by the chart script; hidden until then. */
const chart = (title: string, id: string): Markup =>
  html`<figure class="chart" hidden>
<figcaption>${title} <span id="${id}-note"></span></figcaption>
<div id="${id}-chart"></div>
</figure>`;

const QUANTILES = ['p50', 'p95', 'p99'] as const;

const at = (seconds: number | null): string => formatOffset(seconds === null ? null : seconds * 1000, 0);

const windowItem = (one: ChartWindow, index: number): Markup =>
  html`<li><b class="mark">${index + 1}</b> <strong>${one.name}</strong>
applied ${at(one.applied)}, injected ${at(one.injected)}, removed ${at(one.removed)}
${one.watched !== null && `(watched until ${at(one.watched)})`}</li>`;

/** From this ratio on, a linear axis shows only the worst flow, and all others as a flat line. */
const WIDE_RANGE = 100;

function spreadsWide(data: ChartData): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const value of data.flows.flatMap((flow) => flow.p99)) {
    if (value === null || value <= 0) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high > low * WIDE_RANGE;
}

export function chartsSection(data: ChartData): Markup {
  if (data.x.length === 0) return section('charts', 'Over time', null, nothing('No second was measured.'));
  const bucket =
    data.step === 1
      ? 'One point per second.'
      : `One point per ${data.step} s: percentiles are those of its worst second, rates its mean.`;
  const log = html`<input type="checkbox" id="log-scale"${spreadsWide(data) && html` checked`}>`;
  const body = html`<noscript>
<p class="nothing">The charts need JavaScript. Every number is also in the tables below.</p>
</noscript>
<div class="controls" hidden>
<fieldset><legend>Flow</legend>
${choice('flow', 'all', 'All flows', true)}
${data.flows.map((flow, index) => choice('flow', String(index), flow.name, false))}
</fieldset>
<fieldset id="quantile-choice"><legend>Percentile</legend>
${QUANTILES.map((name) => choice('quantile', name, name.toUpperCase(), name === 'p99'))}
</fieldset>
<fieldset><legend>Scale</legend>${chip(log, 'Logarithmic')}</fieldset>
</div>
${chart('Response time', 'latency')}
${chart('Arrivals per second', 'rate')}
${
  data.windows.length > 0 &&
  html`<ol class="windows" aria-label="Fault windows">${data.windows.map(windowItem)}</ol>`
}`;
  const lead = `${bucket} Shaded: a fault proven in place (dark) and the watch of its recovery (light).
Drag to zoom, double-click to reset.`;
  return section('charts', 'Over time', lead, body);
}
