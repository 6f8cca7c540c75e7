/** The look of the history page: colours, type and tables of the report, and the pictures of its own. */
import { BASE, CONTROLS, SCHEMES, TABLES, TONES, VERDICT } from '../html/style.ts';

const HEAD = `
html{scroll-padding:16px 0 84px}
html:not(.scripted) .needs-script,.scripted .history:not(.chosen),.scripted .no-script{display:none}
[hidden]{display:none!important}
.chooser{flex:1 1 auto}
.chooser ul{list-style:none;display:flex;flex-wrap:wrap;gap:6px}
.chooser a{display:block;padding:3px 10px;border:1px solid var(--line);border-radius:8px;color:var(--text);
  overflow-wrap:anywhere}
.chooser a small{display:inline}
.chooser a[aria-current]{border-color:var(--text);box-shadow:inset 0 0 0 1px var(--text)}
main:focus{outline:none}
section.history{margin-top:0}
.verdict h1{font-size:27px;line-height:1.22;letter-spacing:-.02em;max-width:44ch;overflow-wrap:anywhere;
  text-wrap:balance}
.verdict.v-soft h1,.verdict.v-warn h1,.verdict.v-good h1,.verdict.v-bad h1{color:var(--text)}
.kicker,.reasons li span{overflow-wrap:anywhere}
.reasons b,.noted b{font-weight:620}
.noted{margin-top:14px;font-size:14px}
.noted ul,.noted ol{list-style:none;margin-top:4px}
.noted li{padding:1px 0;overflow-wrap:anywhere}
h2.small{font-size:14px;letter-spacing:0;font-weight:600;color:var(--soft)}`;

const NIGHTS = `
td .choose{width:18px;height:18px;margin:2px 0 0;accent-color:var(--accent)}
[data-night] th{min-width:17ch}
[data-night] small{overflow-wrap:anywhere}
.reason{min-width:30ch;overflow-wrap:anywhere}
.versions{min-width:18ch;max-width:34ch;overflow-wrap:anywhere}
.version{display:inline-block;margin-right:10px;color:var(--soft);font-size:13px}
.version b{font-weight:500;color:var(--text);font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
  font-size:12px}
tr[data-night]:hover>*{background:var(--surface)}
tr.chosen>*,tr.chosen:hover>*{background:var(--soft-bg)}
.begin td{color:var(--soft);font-size:13px;border-bottom:2px solid var(--soft);overflow-wrap:anywhere}
.more{margin-top:10px;color:var(--soft);font-size:14px}
button{font:inherit;font-size:14px;color:var(--text);background:var(--page);border:1px solid var(--soft);
  border-radius:8px;padding:4px 12px;cursor:pointer}
button:hover,.chooser a:hover{background:var(--surface)}
.compare table+*{margin-top:22px}
.compare tbody th{min-width:16ch;overflow-wrap:anywhere}
.compare .differ td{overflow-wrap:anywhere;min-width:16ch}
.compare .scroll+.scroll{margin-top:22px}
.compare:focus{outline:none}
.bar{position:fixed;left:0;right:0;bottom:0;z-index:3;display:flex;flex-wrap:wrap;gap:6px 14px;
  align-items:center;justify-content:center;padding:9px 16px;background:var(--surface);
  border-top:1px solid var(--line);font-size:14px;font-variant-numeric:tabular-nums}`;

const SERIES = `
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,440px),1fr));gap:30px 36px;
  margin-top:18px}
.series{min-width:0;display:flex;flex-direction:column}
.series figcaption{overflow-wrap:anywhere}
.series .name{font-weight:620}
.series .sentence{font-size:14px;margin-top:2px;overflow-wrap:anywhere}
.plot{margin-top:8px;border-radius:4px;cursor:crosshair;touch-action:pan-y}
.plot svg{display:block;width:100%;height:auto;overflow:visible}
.plot text{fill:var(--soft);font:11.5px system-ui,sans-serif;font-variant-numeric:tabular-nums}
.readout{font-size:13.5px;min-height:1.5em;margin-top:2px;font-variant-numeric:tabular-nums;
  overflow-wrap:anywhere}
.changes{list-style:none;font-size:13.5px;color:var(--soft);margin-top:2px}
.pin{font-size:13.5px;color:var(--soft);margin-top:2px}
.series details{font-size:13.5px;margin-top:4px}
.series details .scroll{max-height:22rem;overflow:auto;margin-top:6px}
.others{margin-top:30px}
.others>summary{font-size:15px;padding:6px 0}
.folded{display:none}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;font-size:13px;color:var(--soft);
  margin-top:10px}
.legend svg{vertical-align:-2px;margin-right:3px}
.keys{font-size:13px;margin-top:4px}
kbd{font:inherit;font-size:12px;border:1px solid var(--line);border-radius:4px;padding:0 4px}
.c-grid{stroke:var(--line);stroke-width:1}
.c-band{fill:var(--l0);opacity:.2}
.c-bar{stroke:var(--l0);stroke-width:1.5;opacity:.5}
.c-line{fill:none;stroke:var(--l0);stroke-width:1.6;stroke-linejoin:round}
.c-dot{fill:var(--l0)}
.c-arrow{fill:none;stroke:var(--bad);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}
.c-gap{stroke:var(--soft);stroke-width:1.5}
.c-segment{stroke:var(--soft);stroke-width:1;stroke-dasharray:1.5 2.5}
.c-pin{stroke:var(--l3);stroke-width:1.4;stroke-dasharray:8 3 2 3}
.plot text.c-pin-name{fill:var(--l3)}
.c-change{stroke-width:1.8;stroke:var(--good)}
.c-change.worse{stroke:var(--bad)}
.c-change.suspected{stroke-dasharray:4 3}
.plot text.c-good{fill:var(--good);font-weight:620}
.plot text.c-bad{fill:var(--bad);font-weight:620}
.c-cursor{stroke:var(--text);stroke-width:1}
.c-ring{fill:var(--page);stroke:var(--text);stroke-width:2}
.c-picked{stroke:var(--accent);stroke-width:1.5;stroke-dasharray:3 2}`;

const NARROW = `
@media (max-width:760px){
main,.top{padding-left:16px;padding-right:16px}
.figures{grid-template-columns:1fr 1fr}
.figure{padding:12px 14px}.figure:nth-child(odd){border-left:0}
.figure:nth-child(n+3){border-top:1px solid var(--line)}
.figure strong{font-size:20px}
.verdict{padding:18px}.verdict h1{font-size:22px}.meaning{font-size:16px}
.reasons li{flex-direction:column;gap:2px;padding:5px 0}
section{margin-top:40px}
.bar{padding:6px 10px;gap:4px 8px;font-size:13px}.bar button{font-size:13px;padding:3px 9px}
.chosen-nights{display:none}
}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media (forced-colors:active){
.badge,.chip span{border:1px solid}
.chip input:checked+span{forced-color-adjust:none}
}`;

const PRINT = `
@media print{
.skip,.controls,.bar,.keys,.more button,.choose{display:none!important}
.chooser{display:none}
body{font-size:10.5pt}section{margin-top:26px}
main,.top{max-width:none;padding:0}
.scroll,.series details .scroll{overflow:visible;max-height:none}
table{font-size:8.5pt}th,td{padding:3px 5px}
.reason,.versions,[data-night] th,.compare tbody th{min-width:0}
.charts{grid-template-columns:1fr 1fr;gap:18px 24px}
tr,.series,.verdict,.figures{break-inside:avoid}
h2,h3{break-after:avoid}
.others:not([open])+.folded{display:block}
.others:not([open])>summary{list-style:none}
.series>details:not([open]){display:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}`;

export const PAGE_STYLE = `${SCHEMES}
${BASE}${VERDICT}${TABLES}${CONTROLS}${HEAD}${NIGHTS}${SERIES}
${TONES}
${NARROW}${PRINT}
`;
