/** The look of a gate's pictures, in the colours of the page: dark mode and print hold here too. */
export const GATE_STYLE = `
.g-figure{margin-top:18px;max-width:900px}
.g-figure figcaption{font-weight:600;font-size:14px;margin-bottom:4px;overflow-wrap:anywhere}
.g-figure+.scroll,.g-legend+.scroll{margin-top:18px}
.g-row{display:grid;grid-template-columns:minmax(0,240px) minmax(0,1fr);gap:0 16px;align-items:center}
.g-name{font-size:14px;overflow-wrap:anywhere;padding:2px 0}
.g-strip{display:block;width:100%;overflow:visible}
.g-chart{display:grid;grid-template-columns:58px minmax(0,1fr)}
.g-ticks text,.g-names text{fill:var(--soft);font:11.5px system-ui,sans-serif}
.g-names{margin-left:58px;width:calc(100% - 58px)}
.g-axis{display:flex;justify-content:space-between;color:var(--soft);font-size:11.5px}
.g-under{margin-left:58px}
.g-legend{display:flex;flex-wrap:wrap;gap:2px 18px;color:var(--soft);font-size:13px;margin-top:6px}
.g-legend .swatch{vertical-align:-1px;margin-right:5px}
.swatch{overflow:visible}
.g-equal{stroke:var(--soft);stroke-width:1}
.g-allow{stroke:var(--warn);stroke-width:1.5;stroke-dasharray:1.5 3}
.g-find{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:6 3}
.g-grid{stroke:var(--line);stroke-width:1}
.g-look{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 4}
.g-interval{stroke:var(--accent);stroke-width:5;stroke-linecap:round;opacity:.5}
.g-estimate{fill:var(--accent)}
.g-band{fill:var(--accent);opacity:.13}
.g-pair.kept{fill:var(--accent)}
.g-pair.dropped{fill:none;stroke:var(--bad);stroke-width:1.5}
.g-pair.after{fill:var(--soft);opacity:.55}
.g-between{stroke:var(--line);stroke-width:3}
.g-back.baseline,.swatch .g-back.baseline{fill:var(--l0)}
.g-back.candidate{fill:var(--l1)}
.g-open{fill:none;stroke:var(--bad);stroke-width:1.5}
.g-curve{fill:none;stroke-width:2}
.g-base{stroke:var(--l0)}
.g-cand{stroke:var(--l1);stroke-dasharray:7 4}
.g-dropped,.g-limits{margin:12px 0 0 1.2em;font-size:14px;overflow-wrap:anywhere}
.g-limits li+li{margin-top:4px}
.g-seen{font-variant-numeric:tabular-nums;overflow-wrap:anywhere;min-width:18ch}
.g-command{white-space:pre-wrap;overflow-wrap:anywhere}
#gate tbody th,#pairs tbody th{min-width:20ch;overflow-wrap:anywhere}
#pairs thead th{white-space:normal;overflow-wrap:anywhere;min-width:9ch}
#checks tbody th{min-width:24ch}
#checks td.evidence{min-width:26ch}
@media (max-width:760px){
.g-row{grid-template-columns:minmax(0,1fr);margin-top:8px}
.g-row>span:empty{display:none}
}
@media print{
.g-figure{break-inside:avoid}
#gate .num,#gate thead th,#pairs .num{white-space:normal}
#gate tbody th,#checks tbody th,#checks td.evidence,.g-seen{min-width:0}
}`;
