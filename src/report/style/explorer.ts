/** The style of what the page's script draws: filters, lists, details. Rows are as high as virtualList.ts says. */

export const explorerStyle = `
.filters { display: flex; flex-wrap: wrap; gap: .6rem .9rem; align-items: end; margin-bottom: .9rem; font-size: .88rem; }
.filters label > span, .filters legend { display: block; color: var(--quiet); padding: 0; }
.filters fieldset { border: 0; margin: 0; padding: 0; display: block; }
.filters select, .filters input, .quantile input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--neutral); border-radius: 4px; padding: .25rem .4rem; max-width: 15rem; }
.filters input[type=number], .quantile input { width: 6rem; }
.filters ::placeholder { color: var(--quiet); opacity: 1; }
.filters button, .files button, .filter-note button, .in-selection button, .tabs > button { border: 1px solid var(--neutral); border-radius: 4px; padding: .25rem .6rem; font-size: .88rem; }
.filters button:hover, .files button:hover, .filter-note button:hover, .in-selection button:hover { background: var(--raised); }
.counts { font-weight: 600; margin-bottom: .5rem; }
.in-selection { display: flex; flex-wrap: wrap; gap: .4rem; margin-bottom: .9rem; }
.in-selection button { font-size: .84rem; }
.in-selection button[aria-pressed=true] { border-color: var(--link); box-shadow: inset 0 0 0 1px var(--link); }
.files { display: flex; flex-wrap: wrap; gap: .4rem; max-width: none; align-items: center; }
.tabs { display: flex; flex-wrap: wrap; gap: .3rem; align-items: center; margin-bottom: .4rem; font-size: .88rem; }
.tabs > button[aria-selected=true] { border-color: var(--ink); font-weight: 600; }
.list { border: 1px solid var(--rule); border-radius: 5px; font-size: .88rem; overflow: hidden; }
.list-head { border-bottom: 1px solid var(--quiet); color: var(--quiet); font-weight: 600; }
.list-head .list-row { position: static; }
.list-head [aria-sort=descending] button::after { content: ' ↓'; }
.list-head [aria-sort=ascending] button::after { content: ' ↑'; }
.list-head button:hover { color: var(--ink); text-decoration: underline; }
.list-scroll { height: 24rem; overflow-y: scroll; position: relative; contain: strict; }
.list-space { position: relative; }
.list-row { position: absolute; left: 0; right: 0; height: 36px; display: flex; align-items: center; gap: .8rem; padding: 0 .8rem; white-space: nowrap; }
.list-scroll .list-row { border-bottom: 1px solid var(--rule); cursor: pointer; }
.list-head { padding-right: 15px; scrollbar-gutter: stable; }
.list-scroll .list-row:hover { background: var(--raised); }
.list-row[aria-selected=true] { background: var(--sure); box-shadow: inset 3px 0 var(--link); }
.list-row > span { flex: 0 0 5rem; overflow: hidden; text-overflow: ellipsis; }
.list-row > .wide { flex: 2 1 9rem; min-width: 5rem; }
.list-row > .place { flex: 0 1 14rem; min-width: 6rem; font-variant-numeric: tabular-nums; }
.list-row > .letters { flex: 0 1 12rem; }
.list-row > .few { flex-basis: 4rem; }
.list-row > .number { text-align: right; }
.list-row > .strip-cell { flex: 3 1 9rem; min-width: 6rem; }
.strip { display: block; position: relative; height: 14px; background: linear-gradient(var(--rule), var(--rule)) 0 50% / 100% 1px no-repeat; }
.strip i { position: absolute; top: 0; bottom: 0; min-width: 2px; }
.details { margin-top: 1rem; border: 1px solid var(--rule); border-radius: 5px; padding: .8rem 1rem; min-width: 0; }
.details .example { margin: 0; }
.subsets { list-style: none; padding: 0; max-width: 50rem; }
.subsets li { margin-bottom: .6rem; overflow-wrap: anywhere; }
.in-parts { display: block; }
.filter-note { position: sticky; bottom: .6rem; z-index: 2; display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; background: var(--paper); border: 1px solid var(--link); border-radius: 5px; padding: .4rem .8rem; font-size: .88rem; box-shadow: 0 2px 8px #0003; }
.filter-note[hidden], .filter-note.seen { display: none; }
.filters-page:not(button) { cursor: pointer; }
.filtered { outline: 2px solid var(--link); outline-offset: 1px; }
.filtered-out .logo, .filtered-out svg { filter: grayscale(1); }
@media (max-width: 48rem) {
  .list-row > .place, .list-row > .margin, .list-row > .bases, .list-row > .strip-cell { display: none; }
  .list-scroll { height: 18rem; }
  .list-row { gap: .5rem; padding: 0 .5rem; }
  .list-row > span { flex-basis: 3.6rem; }
  .list-row > .few { flex-basis: 2.6rem; }
  .filters label, .filters select, .filters input[type=search] { width: 100%; max-width: none; }
}
@media print { .explorer { display: none; } }
`
