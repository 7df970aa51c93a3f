/** The page's style sheet: system fonts, light and dark, narrow and wide, screen and paper. */

// Colours that tell models apart: Okabe and Ito's palette, darkened on white and lightened on dark to a contrast of 3:1.
const light = `
  --paper: #ffffff; --raised: #f6f7f8; --ink: #1b1f24; --quiet: #59636e; --rule: #d5dae0; --link: #0a58a8;
  --wary: #fff4e0; --wary-rule: #c77700; --sure: #eaf5ef; --sure-rule: #00795a; --neutral: #9aa4ae;
  --c0: #0072b2; --c1: #d55e00; --c2: #008c68; --c3: #b5568c; --c4: #a67600; --c5: #2b8cc4; --c6: #5b4fb3; --c7: #4d4d4d;
  --s0: #cfe5f5; --s0-rule: #0072b2; --s1: #fbdcc4; --s1-rule: #d55e00; --s2: #c9ecdf; --s2-rule: #008c68;
  --s3: #f3d7e6; --s3-rule: #b5568c; --s4: #f6ebb3; --s4-rule: #a67600; --s5: #dcd8f3; --s5-rule: #5b4fb3;
  --s-more: #e4e0d6; --s-more-rule: #4d4d4d; --s-none: #e6e9ec; --s-none-rule: #7d8791;
  --masked: #67717b; --heat-most: #7cc0ec;
  --base-a: #109648; --base-c: #255c99; --base-g: #c77700; --base-t: #d62839; --planted: #1b1f24;`
const dark = `
  --paper: #14171a; --raised: #1d2125; --ink: #e4e7ea; --quiet: #a3adb7; --rule: #363d44; --link: #7db9ee;
  --wary: #33280f; --wary-rule: #e0a030; --sure: #12291f; --sure-rule: #33b58a; --neutral: #77818b;
  --c0: #4aa8e0; --c1: #f0843a; --c2: #2fbf93; --c3: #dd8db9; --c4: #e3ae2c; --c5: #8acbf0; --c6: #a59cf0; --c7: #bdbdbd;
  --s0: #123d58; --s0-rule: #4aa8e0; --s1: #5a2c0c; --s1-rule: #f0843a; --s2: #0d4634; --s2-rule: #2fbf93;
  --s3: #52283f; --s3-rule: #dd8db9; --s4: #4c3a08; --s4-rule: #e3ae2c; --s5: #352f6b; --s5-rule: #a59cf0;
  --s-more: #3d3a33; --s-more-rule: #bdbdbd; --s-none: #2c3238; --s-none-rule: #8a949e;
  --masked: #9aa4ae; --heat-most: #1d5d8c;
  --base-a: #2fb565; --base-c: #5a9bdc; --base-g: #f7b32b; --base-t: #ee5566; --planted: #e4e7ea;`

const indexes = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

export const style = `
:root { color-scheme: light; ${light} }
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { color-scheme: dark; ${dark} } }
:root[data-theme=dark] { color-scheme: dark; ${dark} }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 78rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
}
h1, h2, h3, h4 { line-height: 1.25; font-weight: 650; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; margin: 0; }
h2 { font-size: 1.35rem; margin: 0 0 .9rem; padding-bottom: .35rem; border-bottom: 1px solid var(--rule); }
h3 { font-size: 1.06rem; margin: 1.9rem 0 .6rem; }
h4 { font-size: .95rem; margin: 0 0 .3rem; }
p { margin: 0 0 .9rem; max-width: 46rem; overflow-wrap: anywhere; }
ul.headlines { padding-left: 1.1rem; max-width: 46rem; }
ul.headlines li { margin-bottom: .35rem; overflow-wrap: anywhere; }
a { color: var(--link); }
code, pre, .track { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace; }
code { font-size: .9em; overflow-wrap: anywhere; }
pre { font-size: .82rem; background: var(--raised); padding: .8rem 1rem; overflow: auto; max-height: 32rem; border-radius: 4px; }
.quiet { color: var(--quiet); }
header { position: relative; padding-right: 7rem; margin-bottom: 1.5rem; }
header p { margin: .25rem 0 0; }
.kicker { font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; color: var(--quiet); }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: inherit; }
button.theme { position: absolute; right: 0; top: 0; font-size: .8rem; border: 1px solid var(--rule); border-radius: 4px; padding: .25rem .6rem; }
button.theme:hover { background: var(--raised); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.to-content { position: absolute; left: -999rem; }
.to-content:focus { left: 1rem; top: .3rem; background: var(--paper); }
nav { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--rule); margin: 0 -1.25rem 1.5rem; padding: 0 1.25rem; overflow-x: auto; }
nav ol { display: flex; gap: 1.1rem; list-style: none; margin: 0; padding: .55rem 0; white-space: nowrap; font-size: .88rem; }
nav a { color: var(--quiet); text-decoration: none; }
nav a:hover { color: var(--link); text-decoration: underline; }
section { margin-bottom: 3rem; scroll-margin-top: 3rem; }
.empty { color: var(--quiet); font-style: italic; }
.certificate, .warnings { border-left: 4px solid var(--sure-rule); background: var(--sure); padding: .7rem 1rem; max-width: 46rem; border-radius: 0 4px 4px 0; margin: 0 0 1rem; }
.wary, .warnings { border-color: var(--wary-rule); background: var(--wary); }
.warnings h3 { margin: 0 0 .3rem; font-size: .95rem; }
.warnings ul { margin: 0; padding-left: 1.1rem; overflow-wrap: anywhere; }
sub { line-height: 0; }
dl { margin: 0; }
dd { margin: 0; overflow-wrap: anywhere; }
.facts > div { display: grid; grid-template-columns: 9rem 1fr; gap: 1rem; padding: .3rem 0; border-bottom: 1px solid var(--rule); }
.facts dt { color: var(--quiet); overflow-wrap: anywhere; }
.facts { margin-bottom: 1.4rem; }
.scroll { overflow-x: auto; margin: 0 0 1.4rem; }
table { border-collapse: collapse; font-size: .88rem; line-height: 1.4; }
.caption { color: var(--quiet); font-size: .88rem; margin-bottom: .4rem; }
th, td { padding: .35rem .65rem; text-align: left; vertical-align: middle; border-bottom: 1px solid var(--rule); }
th:first-child, td:first-child { padding-left: 0; }
thead th { font-weight: 600; color: var(--quiet); vertical-align: bottom; white-space: nowrap; border-bottom: 1px solid var(--quiet); }
tbody th { font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead button:hover { color: var(--ink); text-decoration: underline; }
th[aria-sort=descending] button::after { content: ' ↓'; }
th[aria-sort=ascending] button::after { content: ' ↑'; }
.hash { font-size: .75rem; }
.row { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1.5rem 2rem; margin-bottom: 1.5rem; }
figure { margin: 0; max-width: 26rem; display: flex; flex-direction: column; justify-content: space-between; gap: .6rem; }
figcaption { font-size: .85rem; color: var(--quiet); line-height: 1.45; }
figcaption strong { color: var(--ink); }
svg.plot { display: block; width: 100%; height: auto; font-size: 11px; }
.plot text { fill: var(--quiet); font-variant-numeric: tabular-nums; }
.plot .axis-label { fill: var(--ink); font-size: 12px; }
.plot path { fill: none; }
.plot .grid path { stroke: var(--rule); stroke-width: .75; }
.plot .axis, .plot .ticks path { stroke: var(--quiet); }
.plot .line { stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.plot .dashed { stroke-dasharray: 5 4; stroke-width: 1.5; }
.plot .reference { stroke: var(--quiet); stroke-dasharray: 2 3; }
.plot .bar { fill: currentColor; }
.plot .neutral { color: var(--neutral); }
.plot .marker { stroke: var(--ink); stroke-dasharray: 4 3; }
.plot .marker-label { fill: var(--ink); }
.plot .fill, .plot .cells path { fill: currentColor; }
.plot .solid { fill: currentColor; }
.plot .fill { fill-opacity: .75; }
.plot .expected { stroke: var(--ink); stroke-width: 1.25; }
.plot .preferred { fill: var(--ink); }
.box { --box: var(--s-more); --box-rule: var(--s-more-rule); }
.plot .box rect { fill: var(--box); stroke: var(--box-rule); }
.plot .box path { stroke: var(--box-rule); }
.plot .box .median { stroke-width: 3; }
${indexes(6)
  .map((i) => `.box.s${i} { --box: var(--s${i}); --box-rule: var(--s${i}-rule); }`)
  .join(' ')}

${indexes(8)
  .map((i) => `.c${i} { color: var(--c${i}); }`)
  .join(' ')}
.swatch { display: inline-block; width: .8em; height: .8em; border-radius: 2px; background: currentColor; margin-right: .4em; }
.model { white-space: nowrap; }
.legend { font-size: .88rem; display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; }
.outlines { position: absolute; }
svg.logo { display: block; overflow: visible; }
.logo text { fill: var(--quiet); font-size: 10px; font-variant-numeric: tabular-nums; }
.logo .lane { fill: var(--ink); font-size: 11px; }
.logo .places { text-anchor: middle; }
.logo .kept { fill: inherit; font-size: 13px; font-weight: 700; text-anchor: middle; }
.logo .axis { fill: none; stroke: var(--rule); }
.logo.full .axis { stroke: var(--quiet); }
.logo .A { fill: var(--base-a); } .logo .C { fill: var(--base-c); } .logo .G { fill: var(--base-g); } .logo .T { fill: var(--base-t); }
.motif-cell, .motif-cell > span { display: block; }
.motif-cell { min-width: 6rem; max-width: 13rem; overflow-wrap: anywhere; }
svg.sparkline { display: block; fill: currentColor; background: none; box-shadow: none; }
.sparkline .base { stroke: var(--rule); }
.cards { margin-bottom: 1.4rem; }
.card { border: 1px solid var(--rule); border-radius: 6px; padding: 1.1rem 1.25rem .4rem; margin-bottom: 1.4rem; min-width: 0; scroll-margin-top: 3rem; }
.card:target { border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
.card h4 { font-size: 1.1rem; }
.card .share { margin-bottom: 1rem; }
.card-logos { display: flex; flex-wrap: wrap; gap: 1.2rem 2.5rem; margin-bottom: 1.2rem; }
.card-logos figure, .known figure { max-width: 100%; min-width: 0; justify-content: flex-start; }
.known > .scroll { flex: 0 1 auto; min-width: 0; }
.card .scroll { margin-bottom: 0; }
.known { display: flex; flex-wrap: wrap; gap: 1.2rem 2.5rem; align-items: flex-start; margin-bottom: 1.2rem; }
.known > .caption { display: none; }
.known > .save-bar { flex-basis: 100%; margin: -.9rem 0 0; }
.card > .scroll { margin-bottom: 1rem; }
.heat { background: color-mix(in srgb, var(--heat-most) var(--heat), var(--paper)); }
.references { font-size: .9rem; max-width: 46rem; padding-left: 1.6rem; overflow-wrap: anywhere; }
.references li { margin-bottom: .35rem; }
.save-bar { display: flex; flex-wrap: wrap; gap: .4rem; margin: .2rem 0 .9rem; }
.scroll + .save-bar { margin-top: -.9rem; }
.card .scroll + .save-bar { margin-top: .2rem; }
button.save { font-size: .75rem; color: var(--quiet); border: 1px solid var(--rule); border-radius: 4px; padding: .1rem .5rem; }
button.save:hover { color: var(--ink); background: var(--raised); }
nav a[aria-current] { color: var(--ink); font-weight: 600; }
.motif-table th, .motif-table td { padding: .35rem .45rem; }
.motif-table th:first-child { padding-left: 0; }
.wide-figure figure { max-width: 46rem; }
svg.motif-map { display: block; min-width: 34rem; max-width: 100%; height: auto; }
.motif-map circle { fill: currentColor; fill-opacity: .7; stroke: var(--paper); stroke-width: 1.5; }
.motif-map a:hover circle, .motif-map a:focus-visible circle { fill-opacity: 1; stroke: var(--ink); }
.motif-map text { fill: var(--ink); font-size: 11px; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; pointer-events: none; }
.side-by-side { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); gap: 0 1.4rem; align-items: start; }
.side-by-side figure { max-width: 100%; min-width: 0; }
.site { letter-spacing: .06em; white-space: nowrap; color: var(--masked); }
.site b { color: var(--ink); }
.place { white-space: nowrap; font-variant-numeric: tabular-nums; }
.example { margin-bottom: 2rem; }
.example h4 { overflow-wrap: anywhere; }
.example .quiet { font-size: .88rem; margin-bottom: .5rem; }
.track { font-size: .84rem; line-height: 1.35; margin: .4rem 0 .8rem; display: flex; flex-wrap: wrap; gap: .6rem .75ch; color: var(--masked); }
.ten { display: inline-block; white-space: pre; }
.ten > span { display: block; }
.ten > .at { font-size: .68rem; line-height: 1.2; user-select: none; }
.ten > .ranks { line-height: 1.15; min-height: 1.15em; color: var(--ink); user-select: none; }
.ten > .planted { line-height: .5; min-height: .5em; user-select: none; }
.planted i { background: linear-gradient(var(--planted), var(--planted)) 0 50% / 100% 3px no-repeat; }
.skip { align-self: center; font-size: .75rem; font-style: italic; border: 1px dashed var(--rule); border-radius: 3px; padding: .2rem .5rem; }
${indexes(6)
  .map(
    (i) =>
      `.plot .solid.s${i}, .sparkline.s${i} { color: var(--s${i}-rule); } .s${i} { background: var(--s${i}); box-shadow: inset 0 -2px var(--s${i}-rule), inset 0 1px var(--s${i}-rule); color: var(--ink); }`,
  )
  .join('\n')}
.plot .solid.more, .sparkline.more { color: var(--s-more-rule); }
.more { background: var(--s-more); box-shadow: inset 0 -2px var(--s-more-rule), inset 0 1px var(--s-more-rule); color: var(--ink); }
.no-motif { background: var(--s-none); box-shadow: inset 0 -2px var(--s-none-rule), inset 0 1px var(--s-none-rule); color: var(--ink); }
.single { background: none; box-shadow: inset 0 0 0 1px var(--s-none-rule); color: var(--ink); }
.key { display: inline-block; padding: 0 .45em; font-weight: 600; overflow-wrap: anywhere; }
.motif-key { display: inline-block; width: 1em; height: 1em; margin-right: .4em; vertical-align: -.12em; }
.operator { font-size: .8em; font-weight: 700; letter-spacing: .04em; }
.set { display: inline-block; }
.part { display: inline-block; white-space: nowrap; margin-right: .8em; }
.finding { border-left: 4px solid currentColor; padding: .1rem 0 .1rem .9rem; font-size: 1.04rem; }
.finding > span { color: var(--ink); }
.pair { border: 1px solid var(--rule); border-radius: 5px; padding: .9rem 1rem .2rem; margin-bottom: 1.4rem; min-width: 0; }
.pair h4 { margin-bottom: .6rem; }
.pair .row { margin-bottom: .6rem; }
.pair figure { justify-content: flex-start; }
.logos { display: flex; flex-wrap: wrap; gap: .4rem 1.6rem; margin-bottom: .7rem; }
.named-logo { display: inline-flex; flex-direction: column; font-size: .82rem; max-width: 100%; }
.arrangement { white-space: nowrap; }
figure.wide { max-width: none; margin-bottom: .6rem; }
figure.wide .scroll { margin-bottom: 0; }
figure.wide figcaption { max-width: 46rem; }
svg.heat { min-width: 42rem; max-width: 62rem; }
.pattern { white-space: nowrap; }
.per-model > span { display: block; white-space: nowrap; }
.share-bar { width: 10rem; height: 1.4em; padding: .3em 0; }
.share-bar i { display: block; height: 100%; background: currentColor; }
details { margin: 0 0 1.4rem; }
summary { cursor: pointer; color: var(--link); }
footer { color: var(--quiet); font-size: .85rem; border-top: 1px solid var(--rule); padding-top: .8rem; }
@media (min-width: 64rem) {
  body { display: grid; grid-template-columns: 13rem minmax(0, 1fr); column-gap: 2.5rem; }
  header, footer { grid-column: 1 / -1; }
  nav { position: sticky; top: 1.5rem; align-self: start; border: 0; margin: 0; padding: 0; }
  nav ol { flex-direction: column; gap: .5rem; white-space: normal; counter-reset: part; }
  section { scroll-margin-top: 1rem; }
}
@media (max-width: 30rem) {
  .facts > div { grid-template-columns: 1fr; gap: 0; }
  header { padding-right: 0; }
  button.theme { position: static; margin-top: .6rem; }
}
@media print {
  :root, :root[data-theme=dark], :root:not([data-theme=light]) { color-scheme: light; ${light} }
  body { display: block; max-width: none; padding: 0; font-size: 10pt; }
  nav, button.theme, .to-content, .save-bar { display: none; }
  figure, .pair, .example, tr { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  .scroll, pre { overflow: visible; max-height: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`
