/** The charts of a trend: headline series first, all others folded; every chart is also a sentence. */
import type { SeriesChange, Trend, TrendSeries } from '../../core/trend.ts';
import { badge, breakable, nothing, section } from '../html/parts.ts';
import { html, type Markup } from '../html/tag.ts';
import { toneOfStatus } from '../tone.ts';
import { counted, nightDay, nightOf, sectionId } from './view.ts';
import { KIND_WORDS, seriesWord } from './words.ts';

export function seriesSection(trend: Trend, index: number): Markup {
  const id = sectionId(index);
  const each = trend.series.map((one, at) => ({ one, at }));
  const headline = each.filter(({ one }) => one.isHeadline);
  const others = each.filter(({ one }) => !one.isHeadline);
  const draw = (some: typeof each): Markup =>
    html`<div class="charts">${some.map(({ one, at }) => figure(trend, one, `${id}-s${at}`, at))}</div>`;
  const body = html`${trend.nights.length > 0 && controls(id, trend.nights.length)}
${each.length === 0 && nothing('No night has a value yet.')}
${headline.length > 0 && draw(headline)}
${
  others.length > 0 &&
  html`<details class="others"><summary>${counted(others.length, 'other series', 'other series')}: ${stateCounts(others.map(({ one }) => one))}</summary>
${draw(others)}</details>
<p class="folded soft">On paper the other series are left out unless they are opened first.</p>`
}`;
  const lead =
    'One step is one night. The band is the 95 % interval of each night; a night without a value is a gap.';
  return section(`${id}-series`, 'Series', lead, body);
}

/** `1 confirmed, worse; 30 steady`, in the order of what a reader should see first. */
export function stateCounts(series: readonly TrendSeries[]): string {
  const order: readonly TrendSeries['state'][] = [
    'confirmed',
    'suspected',
    'not-testable',
    'insufficient',
    'steady',
  ];
  return order
    .flatMap((state) => {
      const words = series.filter((one) => one.state === state).map((one) => seriesWord(one).text);
      return [...new Set(words)]
        .sort()
        .map((word) => `${words.filter((one) => one === word).length} ${word}`);
    })
    .join('; ');
}

const RANGES = [30, 90] as const;

function controls(id: string, nights: number): Markup {
  const chip = (value: string, title: string, isChosen: boolean): Markup =>
    html`<label class="chip"><input type="radio" name="${id}-range" value="${value}"${isChosen && html` checked`}><span>${title}</span></label>`;
  return html`<div class="controls needs-script"><fieldset class="range"><legend>Nights</legend>
${RANGES.filter((one) => one < nights).map((one) => chip(String(one), `last ${one}`, false))}
${chip('all', `all ${nights.toLocaleString('en-US')}`, true)}</fieldset></div>
<ul class="legend needs-script" aria-label="Signs in the charts">
<li><svg width="22" height="12" aria-hidden="true"><line class="c-change worse" x1="11" x2="11" y1="0" y2="12"/></svg> confirmed change</li>
<li><svg width="22" height="12" aria-hidden="true"><line class="c-change suspected worse" x1="11" x2="11" y1="0" y2="12"/></svg> suspected change</li>
<li><svg width="22" height="12" aria-hidden="true"><line class="c-segment" x1="11" x2="11" y1="0" y2="12"/></svg> new segment</li>
<li><svg width="22" height="12" aria-hidden="true"><line class="c-pin" x1="0" x2="22" y1="6" y2="6"/></svg> pinned reference</li>
<li><svg width="22" height="12" aria-hidden="true"><path class="c-arrow" d="M11 11V2M7.5 5.5L11 1.5L14.5 5.5"/></svg> not reached when the watch ended</li>
<li><svg width="22" height="12" aria-hidden="true"><line class="c-gap" x1="11" x2="11" y1="3" y2="12"/></svg> gap</li>
</ul>
<p class="keys soft needs-script">In a chart: <kbd>←</kbd> <kbd>→</kbd> one night, <kbd>Page Up</kbd> <kbd>Page Down</kbd> ten nights, <kbd>Enter</kbd> opens
its report, <kbd>Space</kbd> chooses it for a comparison, <kbd>Escape</kbd> clears.</p>`;
}

function figure(trend: Trend, series: TrendSeries, id: string, at: number): Markup {
  const said = seriesWord(series);
  return html`<figure class="series" data-series="${at}">
<figcaption><span class="name" id="${id}">${breakable(series.id)}</span> ${badge(said.text, said.tone)}${pinBadge(series)}
<small>${KIND_WORDS[series.kind]}</small></figcaption>
<p class="sentence" id="${id}-said">${series.sentence}</p>
<div class="plot-place"></div>
${series.changes.length > 0 && html`<ul class="changes">${series.changes.map((change) => html`<li>${changeText(trend, change)}</li>`)}</ul>`}
</figure>
`;
}

/** The sentence has the numbers. */
const pinBadge = ({ pin }: TrendSeries): Markup | null =>
  pin === null || pin.status === 'PASS'
    ? null
    : html` ${badge(`against the pin: ${pin.status}`, toneOfStatus(pin.status))}`;

/** `2026-11-03: confirmed, +22 %, worse, new`. */
function changeText(trend: Trend, { at, state, text, isWorse, isNew }: SeriesChange): string {
  const night = nightOf(trend, at);
  const when = night === undefined ? at : nightDay(night.startedAt);
  return `${when}: ${[state, text, isWorse ? 'worse' : 'better', ...(isNew ? ['new'] : [])].join(', ')}`;
}
