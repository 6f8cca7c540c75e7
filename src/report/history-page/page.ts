/**
 * The history page: headline, nights and sentences are in its markup, so that it can be read where scripts
 * are forbidden (Jenkins, mail); a script of its own folder adds the charts and the comparison. The browser
 * itself refuses every other load.
 */
import { badge, breakable } from '../html/parts.ts';
import { html, type Markup } from '../html/tag.ts';
import { headSection } from './head.ts';
import { compareHeads, nightsSection } from './nights.ts';
import { seriesSection } from './series.ts';
import { keyOf, type PageTrend, sectionId } from './view.ts';
import { trendWord } from './words.ts';

/** Nothing inline, so that a name that became markup by mistake would still do nothing. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Our own page: another file is never replaced. */
export const PAGE_MARK = '<meta name="generator" content="gauntlet history page">';

/** Relative to the page. */
export interface PageFiles {
  readonly style: string;
  readonly script: string;
  /** Of the numbers of each trend, in their order. */
  readonly data: readonly string[];
}

export function renderHistoryPage(pages: readonly PageTrend[], files: PageFiles): string {
  const [first] = pages;
  const title =
    first === undefined
      ? 'No nights yet'
      : pages.length === 1
        ? `${trendWord(first.trend).text}: ${first.trend.campaign}`
        : `${pages.length} histories`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
${{ markup: PAGE_MARK }}
<title>${title} – Gauntlet history</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${files.style}">
<script src="${files.script}"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the headline</a>
<header class="top">
<span class="brand">Gauntlet <span class="soft">history</span></span>
${pages.length > 1 && chooser(pages)}
</header>
<main id="main" tabindex="-1">
<p class="nothing no-script">The script that draws the charts and compares nights did not run here. Headline, sentences, nights and links are
complete without it.</p>
${pages.length === 0 && html`<h1>No night is recorded yet</h1>`}
${pages.map((page, index) => history(page, index, files.data[index] ?? ''))}
</main>
<div class="bar" role="region" aria-label="Chosen nights" hidden></div>
<p class="unseen" role="status"></p>
</body>
</html>
`.markup;
}

/** Links and no list box: each says its answer before it is opened, and works without a script. */
const chooser = (pages: readonly PageTrend[]): Markup =>
  html`<nav class="chooser" aria-label="Campaign and environment"><ul>${pages.map(({ trend }, index) => {
    const said = trendWord(trend);
    return html`<li><a href="#${sectionId(index)}" data-key="${keyOf(trend)}">${breakable(trend.campaign)} <small>${breakable(trend.environment)}</small> ${badge(said.text, said.tone)}</a></li>`;
  })}</ul></nav>`;

function history(page: PageTrend, index: number, data: string): Markup {
  const { trend } = page;
  const id = sectionId(index);
  return html`<section class="history" id="${id}" aria-labelledby="${id}-title" data-key="${keyOf(trend)}" data-src="${data}" data-word="${trendWord(trend).text}" data-campaign="${trend.campaign}">
${headSection(trend, index)}
${nightsSection(page, index)}
${seriesSection(trend, index)}
<section class="compare needs-script" id="${id}-compare" aria-labelledby="${id}-compare-title" tabindex="-1" hidden>
<h2 id="${id}-compare-title">Two nights</h2>
<p class="lead"></p>
<div class="scroll" role="region" aria-label="How two nights differ" tabindex="0"><table class="differ"><caption class="unseen">How two nights differ</caption>
<thead>${compareHeads}</thead><tbody></tbody></table></div>
<div class="scroll" role="region" aria-label="Series of two nights" tabindex="0"><table class="both"><caption class="unseen">Series of two nights</caption>
<thead><tr><th scope="col">Series</th><th scope="col" class="num">Earlier night</th><th scope="col" class="num">Later night</th><th scope="col" class="num">Later to earlier</th></tr></thead><tbody></tbody></table></div>
</section>
</section>`;
}
