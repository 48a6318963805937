/** The page's style sheet: light and dark by the reader's choice, any width from a phone's up. */
export const style = `
:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--text:#1a1d21;--quiet:#59616b;--line:#d9dde2;--soft:#eceff2;
--good:#1a7f4b;--good-soft:#dff3e7;--bad:#c0262d;--bad-soft:#fde7e7;--warn:#9a6200;--warn-soft:#fdf0d5;--ok-bar:#7cc49b;
--vip:#2f6fd0;--leader:#7a4fc4;--lease:#0f8390;--shade:#c0262d1c;--link:#1d5fc2}
@media (prefers-color-scheme:dark){:root{--page:#14171b;--card:#1c2026;--text:#e6e8eb;--quiet:#9aa4b0;--line:#343a43;--soft:#272c34;
--good:#5fcf95;--good-soft:#17352a;--bad:#ff7b7b;--bad-soft:#43201f;--warn:#f0b95a;--warn-soft:#3b2e15;--ok-bar:#3c8f66;
--vip:#6ea3ff;--leader:#b493f0;--lease:#4cc2cf;--shade:#ff6b6b26;--link:#7fb0ff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
main,header.top{max-width:1180px;margin:0 auto;padding:0 20px}
header.top{padding-top:28px}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:1.15rem;margin:0 0 12px}
h3{font-size:.95rem;margin:22px 0 8px}
a{color:var(--link)}
p{margin:0 0 10px}
small,.quiet{color:var(--quiet)}
small{font-size:.82em}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:18px 0}
.badge{display:inline-block;border-radius:999px;padding:1px 10px;font-size:.82rem;font-weight:600;white-space:nowrap;border:1px solid currentColor}
.passed,.caught{color:var(--good);background:var(--good-soft)}
.failed{color:var(--bad);background:var(--bad-soft)}
.interrupted,.not-judged,.skipped,.unfinished,.cancelled{color:var(--warn);background:var(--warn-soft)}
.lead{font-size:1.02rem}
dl.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,210px),1fr));gap:10px 24px;margin:0}
dl.facts dt{color:var(--quiet);font-size:.8rem}
dl.facts dd{margin:0}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th{text-align:left;font-weight:600;color:var(--quiet);font-size:.8rem}
th,td{padding:7px 12px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}
tbody tr:last-child>*{border-bottom:0}
thead th{overflow-wrap:normal}
tbody th{color:inherit;font-size:inherit}
th:first-child{min-width:8.5rem}
.pairs th:first-child{width:8.5rem}
.n{font-variant-numeric:tabular-nums;white-space:nowrap}
.over{color:var(--bad);font-weight:600}
.meter{position:relative;height:10px;min-width:110px;background:var(--soft);border-radius:3px;margin-top:6px}
.meter i{position:absolute;left:0;top:0;bottom:0;background:var(--ok-bar);border-radius:3px}
.meter.over i{background:repeating-linear-gradient(-45deg,var(--bad) 0 4px,transparent 4px 6px),var(--bad-soft)}
.meter b{position:absolute;top:-3px;bottom:-3px;width:2px;background:var(--text)}
.reasons{margin:0 0 12px;padding:10px 14px 10px 30px;background:var(--bad-soft);border-radius:8px;border-left:4px solid var(--bad)}
.skip .reasons,.reasons.soft{background:var(--warn-soft);border-color:var(--warn)}
.reasons li+li{margin-top:5px}
.head{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline;margin-bottom:4px}
.head h2{margin:0}
section.scenario{scroll-margin-top:12px}
figure{margin:0}
.timeline{--label:12.5rem;margin-top:8px;overflow-x:clip}
.timeline figcaption{margin-bottom:10px;font-size:.8rem;color:var(--quiet)}
.key{display:inline-flex;align-items:center;gap:5px;margin-right:12px;white-space:nowrap}
.key i{width:16px;height:10px;border-radius:2px;display:inline-block}
.lane{display:grid;grid-template-columns:var(--label) minmax(0,1fr);align-items:center;column-gap:12px;min-height:22px}
.lane .label{font-size:.82rem;line-height:1.25;padding:2px 0}
.lane .label small{font-size:.92em}
.track{position:relative;height:20px;background:var(--faults),linear-gradient(var(--soft),var(--soft)) 0 50%/100% 1px no-repeat}
.vm{border-top:1px solid var(--line)}
.part{border-top:1px solid var(--line);margin:0;padding-top:8px;font-weight:600;font-size:.85rem}
.bar{position:absolute;top:3px;bottom:3px;min-width:3px;border-radius:3px;font-size:.72rem;line-height:14px;color:#fff}
.bar b{position:absolute;left:5px;white-space:nowrap;font-weight:600}
.bar.late b{left:auto;right:5px}
.k-fault,.bar.fault{background:repeating-linear-gradient(-45deg,var(--bad-soft) 0 5px,transparent 5px 8px);border:1px solid var(--bad);color:var(--text)}
.bar.fault b,.bar.moment b,.bar.bad b{color:var(--text);background:var(--card);padding:0 4px;border-radius:3px;top:0;bottom:0;line-height:12px}
.bar.fault b{left:3px}.bar.fault.late b{left:auto;right:3px}
.bar.moment{width:3px;background:var(--bad)}
.bar.moment b{left:6px;line-height:14px;background:none}.bar.moment.late b{left:auto;right:6px}
.k-vip,.bar.vip{background:var(--vip)}
.k-leader,.bar.leader{background:var(--leader)}
.k-lease,.bar.lease{background:var(--lease)}
.bar.vip b,.bar.leader b,.bar.lease b{position:static;display:block;padding:0 5px;overflow:hidden;color:var(--card)}
@container (max-width:46px){.bar.vip b,.bar.leader b,.bar.lease b{display:none}}
.k-bad,.bar.bad{background:repeating-linear-gradient(90deg,var(--warn) 0 3px,transparent 3px 6px)}
.bar.vip,.bar.leader,.bar.lease{container-type:inline-size}
.phone{display:none}
.lane em{font-style:normal;color:var(--bad)}
.probe{min-height:26px}
.probe em{white-space:nowrap}
.probe .track{background:var(--faults)}
.track svg{display:block;width:100%;height:100%}
path.ok{fill:var(--ok-bar)}path.out{fill:var(--bad);opacity:.4}path.part{fill:var(--warn)}path.bad{fill:var(--bad)}
.k-ok{background:linear-gradient(var(--ok-bar),var(--ok-bar)) 0 100%/100% 30% no-repeat}
.k-part{background:linear-gradient(var(--warn),var(--warn)) 0 100%/100% 60% no-repeat}
.k-none{background:var(--bad)}
.ticks{position:relative;height:18px;font-size:.74rem;color:var(--quiet)}
.ticks span{position:absolute;white-space:nowrap;border-left:1px solid var(--line);padding-left:3px;line-height:18px}
.info{margin:8px 0 0}
details{margin-top:12px;border-top:1px solid var(--line);padding-top:10px}
summary{cursor:pointer;font-weight:600;font-size:.92rem}
summary small{font-weight:400}
details>:nth-child(2){margin-top:10px}
pre{background:var(--soft);border-radius:8px;padding:10px 12px;font:12px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre-wrap;max-height:26rem;overflow:auto;margin:6px 0 14px}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.graph{overflow-x:auto}
.graph svg{display:block;width:var(--w);max-width:100%;min-width:min(var(--w),820px);height:auto}
.graph text{fill:var(--text);font-size:11px;font-family:Helvetica,Arial,"Liberation Sans",sans-serif}
.graph .node path,.graph .node polygon{fill:var(--card);stroke:var(--quiet)}
.graph .node.passed path{fill:var(--good-soft);stroke:var(--good)}
.graph .node.failed path{fill:var(--bad-soft);stroke:var(--bad);stroke-width:2}
.graph .node.skipped path{fill:var(--warn-soft);stroke:var(--warn);stroke-dasharray:4 3}
.graph .passed,.graph .failed,.graph .skipped{background:none}
.graph .edge path{stroke:var(--quiet)}.graph .edge polygon{fill:var(--quiet);stroke:var(--quiet)}
footer{max-width:1180px;margin:0 auto;padding:4px 20px 36px;color:var(--quiet);font-size:.82rem}
@media (max-width:760px){
main,header.top,footer{padding-left:12px;padding-right:12px}
header.top{padding-top:18px}
.card{padding:14px 12px;border-radius:8px}
.lane{grid-template-columns:minmax(0,1fr)}
.phone{display:inline}.bar.fault b,.bar.moment b{display:none}
.lane .label:empty,.lane.idle .track{display:none}
.lane .label{padding:3px 0 0}
}
@media (max-width:960px){
table,tbody,tbody tr,tbody td,tbody th{display:block;width:auto}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
tbody tr{border-bottom:1px solid var(--line);padding:8px 0}
tbody tr:last-child{border-bottom:0}
tbody th,tbody td{border:0;padding:2px 0;display:grid;grid-template-columns:7.5rem minmax(0,1fr);gap:8px}
tbody th{display:block}
tbody td::before{content:attr(data-label);color:var(--quiet);font-size:.8rem;font-weight:400}
tbody td:empty{display:none}
.pairs tbody tr{display:grid;grid-template-columns:4.5rem minmax(0,1fr);padding:5px 0}
.pairs th:first-child{min-width:0;width:auto}.pairs tbody td{display:block}.pairs tbody td::before{content:none}
.n{white-space:normal}
}
@media print{body{background:#fff}.card{break-inside:avoid}}
`
