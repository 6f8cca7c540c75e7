/** The answer of a trend: its first line, what is new, and what the answer rests on. */
import type { Night, QuarantineInForce } from '../../core/night.ts';
import type { SeriesChange, Trend, TrendSeries } from '../../core/trend.ts';
import { badge, breakable } from '../html/parts.ts';
import { html, type Markup } from '../html/tag.ts';
import { counted, nightDay, nightOf, nightTime, sectionId } from './view.ts';
import { seriesWord, trendMeaning, trendWord } from './words.ts';

/** More than a screen of reasons hides the first. */
const SHOWN = 8;

export function headSection(trend: Trend, index: number): Markup {
  const said = trendWord(trend);
  const id = sectionId(index);
  const last = trend.nights.at(-1);
  const told = toldSeries(trend);
  const list = (some: readonly TrendSeries[]): Markup =>
    html`<ul class="reasons">${some.map(
      (one) =>
        html`<li>${badge(seriesWord(one).text, seriesWord(one).tone)}<span>${one.sentence}</span></li>`,
    )}</ul>`;
  const rest = told.slice(SHOWN);
  return html`<div class="verdict v-${said.tone}">
<p class="kicker">${breakable(trend.campaign)} on ${last?.target ?? trend.environment}${wordsOf(last)}</p>
<h1 id="${id}-title">${trend.headline}</h1>
<p class="meaning">${badge(said.text, said.tone)} ${trendMeaning(trend)}</p>
${told.length > 0 && list(told.slice(0, SHOWN))}
${rest.length > 0 && html`<details><summary>${counted(rest.length, 'more series', 'more series')}</summary>${list(rest)}</details>`}
</div>
${figures(trend)}
${trend.quarantine.length > 0 && quarantineList(trend.quarantine)}
${trend.segments.length > 1 && segmentList(trend)}`;
}

/** ` (cpu: 8 cores, nodes: 3)`: what the target says about where it runs. */
function wordsOf(night: Night | undefined): string {
  const words = Object.entries(night?.environment.words ?? {});
  return words.length === 0 ? '' : ` (${words.map(([name, value]) => `${name}: ${value}`).join(', ')})`;
}

/** Worst first: new, then confirmed, then suspected, then the pin. What is steady is in its chart. */
function toldSeries({ series }: Trend): readonly TrendSeries[] {
  const rank = (one: TrendSeries): number => {
    const isNew = (test: (change: SeriesChange) => boolean): boolean =>
      one.changes.some((change) => change.isNew && test(change));
    if (one.pin?.status === 'FAIL') return 0;
    if (isNew((change) => change.state === 'confirmed' && change.isWorse)) return 1;
    if (isNew((change) => change.isWorse)) return 2;
    if (isNew(() => true)) return 3;
    return one.state === 'suspected' ? 4 : 9;
  };
  return series
    .map((one) => [rank(one), one] as const)
    .filter(([at]) => at < 9)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one);
}

function figures(trend: Trend): Markup {
  const { nights, series, quarantine } = trend;
  const segments = trend.segments.filter((one) => one.only === undefined);
  const [first, last] = [nights[0], nights.at(-1)];
  const begun = nightOf(trend, segments.at(-1)?.from ?? '');
  const here = begun === undefined ? nights.length : nights.length - nights.indexOf(begun);
  const pinned = trend.pinned === null ? undefined : nightOf(trend, trend.pinned);
  const until = quarantine.map((one) => one.until).sort()[0];
  const figure = (title: string, value: string, note: string): Markup =>
    html`<div class="figure"><dt>${title}</dt><dd><strong>${value}</strong><span>${note}</span></dd></div>`;
  const span =
    first === undefined || last === undefined
      ? 'none is recorded'
      : `${nightDay(first.startedAt)} to ${nightDay(last.startedAt)}`;
  return html`<dl class="figures">
${figure('Nights', nights.length.toLocaleString('en-US'), span)}
${figure(
  'In the present segment',
  here.toLocaleString('en-US'),
  segments.length < 2 ? 'one segment: all can be compared' : `of ${segments.length} segments`,
)}
${figure(
  'Pinned reference',
  pinned === undefined ? 'none' : nightDay(pinned.startedAt),
  pinned === undefined
    ? trend.pinned === null
      ? 'a slow drift can stay unseen'
      : `${trend.pinned} is not among these nights`
    : `${counted(series.filter((one) => one.pin?.status === 'FAIL').length, 'series exceeds it', 'series exceed it')}`,
)}
${figure(
  'In quarantine',
  String(quarantine.length),
  until === undefined ? 'every fault decides' : `do not decide; the first until ${nightDay(until)}`,
)}
</dl>`;
}

const quarantineList = (entries: readonly QuarantineInForce[]): Markup =>
  html`<div class="noted"><h2 class="small">In quarantine: judged and shown, but not decisive</h2><ul>${entries.map(
    ({ fault, sli, owner, reason, since, until }) =>
      html`<li><b>${breakable(fault)}: ${breakable(sli)}</b>, since ${nightDay(since)} until ${nightDay(until)}, owner ${owner}: ${reason}</li>`,
  )}</ul></div>`;

const segmentList = (trend: Trend): Markup =>
  html`<div class="noted"><h2 class="small">Segments: nights of different segments are not compared</h2><ol class="segments">${trend.segments.map(
    ({ from, because, only }, at) => {
      const night = nightOf(trend, from);
      return html`<li><b>S${at + 1}</b> from ${night === undefined ? from : nightTime(night.startedAt)}${because !== null && html`: ${because}`}${only === 'recovery' && ' (recoveries alone)'}</li>`;
    },
  )}</ol></div>`;
