/**
 * The style of the report: system fonts, one accent, light and dark by the reader's own setting, and a print
 * form. Text colours have a contrast of at least 4.5 : 1 on every surface they appear on (WCAG 2.2 AA); a
 * test measures it.
 */

import { GATE_STYLE } from './gate-style.ts';

/** By name, for both schemes; `bg` of the tones is the background of a badge with that tone. */
export const LIGHT: Readonly<Record<string, string>> = {
  page: '#ffffff',
  surface: '#f6f7f9',
  line: '#dfe3e8',
  text: '#14181f',
  soft: '#57606c',
  accent: '#1f55c4',
  good: '#136a3c',
  'good-bg': '#e3f4ea',
  warn: '#835000',
  'warn-bg': '#fdf0d8',
  bad: '#b1201c',
  'bad-bg': '#fde8e6',
  'soft-bg': '#eceff3',
};

export const DARK: Readonly<Record<string, string>> = {
  page: '#0f1216',
  surface: '#171b21',
  line: '#2b313a',
  text: '#e7eaee',
  soft: '#a2abb7',
  accent: '#8db4ff',
  good: '#79d69c',
  'good-bg': '#12301f',
  warn: '#f0bf66',
  'warn-bg': '#352706',
  bad: '#ff9a91',
  'bad-bg': '#3d1917',
  'soft-bg': '#252b33',
};

/**
 * Lines of the charts and parts of bars: distinguishable with red-green colour blindness (Okabe, Ito 2008).
 */
const LINES_LIGHT = ['#0067a8', '#c05000', '#00785a', '#9c3f86', '#6b6100', '#4a5568'];
const LINES_DARK = ['#6cb8f0', '#f59a52', '#4ecba3', '#e08cc7', '#d8cb4f', '#a9b4c2'];

const variables = (colors: Readonly<Record<string, string>>, lines: readonly string[]): string =>
  [
    ...Object.entries(colors).map(([name, value]) => `--${name}:${value}`),
    ...lines.map((value, index) => `--l${index}:${value}`),
  ].join(';');

export const TONES = ['good', 'warn', 'bad', 'soft']
  .map(
    (tone) =>
      `.t-${tone}{color:var(--${tone})}.badge.${tone}{color:var(--${tone});background:var(--${tone}-bg)}` +
      `.v-${tone}{border-color:var(--${tone})}.v-${tone} h1{color:var(--${tone})}`,
  )
  .join('\n');

const PARTS = LINES_LIGHT.map((_, index) => `.p${index}{background:var(--l${index})}`).join('');

/** Shows only the columns of the chosen clock; without :has() support shows all of them. */
const CLOCKS = ['response', 'service', 'lateness', 'connect']
  .map((clock, _index, all) => {
    const others = all.filter((other) => other !== clock);
    return others.map((other) => `.clocks:has(#clock-${clock}:checked) .c-${other}{display:none}`).join('');
  })
  .join('\n');

export const BASE = `
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);
  font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main,.top{max-width:1160px;margin:0 auto;padding:0 24px}
h1,h2,h3,h4,p,ul,ol,dl,dd,figure{margin:0;padding:0}
code,pre,.log{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.87em}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--page);padding:6px 10px;
  z-index:2}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.soft,small,.lead{color:var(--soft)}
small{display:block;font-size:.82em;font-weight:400}
.top{display:flex;flex-wrap:wrap;gap:4px 24px;align-items:baseline;padding-top:18px;padding-bottom:14px}
.brand{font-weight:650;letter-spacing:-.01em}
nav{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:14px}
nav a{color:var(--soft);text-decoration:none}nav a:hover{color:var(--text);text-decoration:underline}
section{margin-top:52px}
h2{font-size:21px;line-height:1.25;letter-spacing:-.015em;font-weight:650}
h3{font-size:16px;font-weight:620;margin:28px 0 8px;display:flex;flex-wrap:wrap;gap:10px;align-items:center}
h4{font-size:14px;font-weight:600}
h2+*,.lead+*{margin-top:14px}
.lead{max-width:76ch;margin-top:4px;font-size:14px}
.nothing{color:var(--soft);background:var(--surface);border-radius:8px;padding:14px 16px}
summary{cursor:pointer;color:var(--soft);width:max-content;max-width:100%;border-radius:4px}
summary:hover{color:var(--text)}`;

export const VERDICT = `
.verdict{margin-top:6px;padding:22px 26px;background:var(--surface);border-radius:10px;
  border-left:6px solid var(--soft)}
.kicker{color:var(--soft);font-size:14px}
.verdict h1{font-size:40px;line-height:1.1;letter-spacing:-.03em;font-weight:720;margin:2px 0 6px}
.meaning{font-size:17px;max-width:70ch}
.reasons{list-style:none;margin-top:14px}
.reasons li{display:flex;gap:10px;align-items:baseline;padding:3px 0}
.reasons .badge{flex:none}
.verdict details{margin-top:10px;font-size:14px}
.remarks{margin:12px 0 0 1.2em;color:var(--bad);font-weight:600}
.summary{margin-top:16px;color:var(--soft);font-size:13.5px;overflow-wrap:anywhere}
.badge{display:inline-block;font-size:12px;font-weight:620;line-height:1.6;padding:0 8px;border-radius:999px;
  white-space:nowrap;background:var(--soft-bg)}
.figures{display:grid;grid-template-columns:repeat(4,1fr);margin-top:14px;border:1px solid var(--line);
  border-radius:10px}
.figure{padding:14px 18px;border-left:1px solid var(--line);min-width:0}
.figure:first-child{border-left:0}
.figure dt{color:var(--soft);font-size:13px}
.figure strong{display:block;font-size:25px;line-height:1.3;font-weight:640;letter-spacing:-.02em}
.figure span{display:block;color:var(--soft);font-size:13px;line-height:1.4;overflow-wrap:anywhere}`;

export const TABLES = `
.scroll{overflow-x:auto}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:7px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
tr>:first-child{padding-left:2px}tr>:last-child{padding-right:2px}
thead th{color:var(--soft);font-weight:500;font-size:13px;white-space:nowrap;vertical-align:bottom}
th[title]:not([title=""]){text-decoration:underline dotted 1px;text-underline-offset:3px}
tbody th,tfoot th{font-weight:500}
tfoot th,tfoot td{font-weight:640;border-bottom:0}
.num{text-align:right;white-space:nowrap}
.num small{display:inline;margin-left:5px}
.key{font-weight:640}
.group th{padding-top:20px;font-weight:640}
.in-fault th,.in-fault td{background:var(--surface)}
.source,.evidence{color:var(--soft);font-size:13px;overflow-wrap:anywhere;min-width:20ch}
#objectives tbody th{min-width:26ch}.source{max-width:30ch}
#percentiles thead+tbody .group th{padding-top:10px}
#percentiles tbody tr:not(.group) th{padding-left:14px;white-space:nowrap}
#percentiles th:first-child{position:sticky;left:0;background:var(--page)}
#percentiles .in-fault th:first-child{background:var(--surface)}
#percentiles .group th span{position:sticky;left:2px}`;

/** Choices as chips: radio buttons and check boxes that look like words. */
export const CONTROLS = `
.controls,.controls-row{display:flex;flex-wrap:wrap;gap:10px 28px}
.controls[hidden]{display:none}
.lead~.controls{margin-top:14px}
.controls-row{gap:6px;margin-bottom:10px}
fieldset{border:0;padding:0;margin:0;display:flex;flex-wrap:wrap;gap:6px;min-width:0}
fieldset[hidden]{display:none}
legend{float:left;color:var(--soft);font-size:13px;padding:0;margin-right:4px;line-height:28px}
.chip{position:relative;cursor:pointer}
.chip input{position:absolute;inset:0;opacity:0;margin:0;cursor:pointer}
.chip span{display:block;font-size:13px;line-height:26px;padding:0 11px;border:1px solid var(--line);
  border-radius:999px}
.chip small{display:inline;margin-left:3px}
.chip:hover span{border-color:var(--soft)}
.chip input:checked+span{background:var(--text);border-color:var(--text);color:var(--page)}
.chip input:checked+span small{color:inherit}
.chip input:focus-visible+span{outline:2px solid var(--accent);outline-offset:2px}`;

const CHARTS = `
.chart{margin-top:22px}.chart[hidden]{display:none}
.chart figcaption{font-weight:600;font-size:14px;margin-bottom:2px}
.chart figcaption span{color:var(--soft);font-weight:400}
.uplot,.u-legend{font-family:inherit}
.u-legend{font-size:13px;text-align:left;margin:2px 0 0;color:var(--text)}
.u-legend th{font-weight:400}.u-legend .u-value{font-variant-numeric:tabular-nums;font-weight:600}
.u-legend th,.u-legend td{border:0}
.u-legend .u-series>*{padding:2px 4px}
.u-legend tr:first-child .u-marker{display:none}
.u-legend .u-marker{height:3px;border-radius:2px}
.u-select{background:var(--accent);opacity:.15}
.windows{list-style:none;margin-top:12px;font-size:13.5px;color:var(--soft)}
.windows li{padding:2px 0}.windows strong{color:var(--text);font-weight:600}
.mark{display:inline-block;min-width:18px;line-height:18px;border-radius:9px;text-align:center;font-size:11px;
  background:var(--text);color:var(--page)}`;

const PARTS_STYLE = `
.wide{min-width:150px;width:22%}
.bar{position:relative;height:10px;margin-top:6px;border-radius:5px;background:var(--soft-bg)}
.bar i{position:absolute;top:0;bottom:0;min-width:3px;border-radius:5px;background:var(--l1)}
.bar i.open{background:var(--bad);border-radius:5px 0 0 5px}
.bar b{position:absolute;top:-3px;bottom:-3px;width:2px;margin-left:-1px;background:var(--text)}
.calm{color:var(--soft);font-size:13.5px;margin-top:8px}
.pod{margin-top:14px;padding:14px 16px;background:var(--surface);border-radius:8px}
.stack{display:flex;height:14px;border-radius:7px;overflow:hidden;margin:8px 0;gap:1px}
.stack i{display:block;min-width:2px}
.pod ol{list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;font-size:13.5px}
.pod li i{display:inline-block;width:9px;height:9px;border-radius:2px;margin-right:6px}
.pod b{font-weight:600;font-variant-numeric:tabular-nums}
.fault+.fault{margin-top:34px}
.fault p{overflow-wrap:anywhere}
.facts{display:flex;flex-wrap:wrap;gap:8px 30px;margin:10px 0;font-size:14px}
.facts dt{color:var(--soft);font-size:13px}.facts dd{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.terms{display:grid;grid-template-columns:1fr 1fr;gap:14px 40px;font-size:14px}
.terms dt{font-weight:600}.terms dd{color:var(--soft)}
.log{list-style:none;margin-top:10px;line-height:1.65;overflow-wrap:anywhere}
pre{margin:10px 0 0;padding:14px 16px;background:var(--surface);border-radius:8px;overflow:auto;
  max-height:60vh}
main>section:last-child{margin-bottom:64px}`;

const NARROW = `
@media (max-width:760px){
main,.top{padding-left:16px;padding-right:16px}
.figures{grid-template-columns:1fr 1fr}
.figure{padding:12px 14px}.figure:nth-child(odd){border-left:0}
.figure:nth-child(n+3){border-top:1px solid var(--line)}
.figure strong{font-size:21px}
.verdict{padding:18px}.verdict h1{font-size:32px}.meaning{font-size:16px}
.reasons li{flex-direction:column;gap:2px;padding:5px 0}
.terms{grid-template-columns:1fr}
section{margin-top:40px}
#percentiles tbody tr:not(.group) th{min-width:126px;max-width:150px;white-space:normal;
  overflow-wrap:anywhere}
.wide{display:none}.source,.evidence{min-width:24ch}
}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}`;

const PRINT = `
@media print{
nav,.skip,.controls,.controls-row{display:none}
body{font-size:10.5pt}section{margin-top:26px}
main,.top{max-width:none;padding:0}
.scroll{overflow:visible}table{font-size:8.5pt}
th,td{padding:3px 5px}
tr,.fault,.pod,.chart,.verdict{break-inside:avoid}
h2,h3{break-after:avoid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}`;

const light = variables(LIGHT, LINES_LIGHT);

/** The colours as variables, by the reader's own setting; on paper always light. */
export const SCHEMES = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${variables(DARK, LINES_DARK)}}}
@media print{:root{color-scheme:light;${light}}}`;

export const STYLE = `${SCHEMES}
${BASE}${VERDICT}${TABLES}${CONTROLS}${CHARTS}${PARTS_STYLE}
${TONES}
${PARTS}
${CLOCKS}
${GATE_STYLE}
${NARROW}${PRINT}
`;
