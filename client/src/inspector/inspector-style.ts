/**
 * The styles of the inspector. The rules for `.uplot` and `.u-…` are the part of uPlot's style sheet (MIT) that the chart
 * needs. Text styles are inherited; `--session-inspector-muted`, `-line`, `-good` and `-bad` set the colours.
 */
const STYLE = `
.session-inspector { display: grid; gap: 16px; min-width: 0; }
.session-inspector-figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.75rem, 1fr)); gap: 12px; margin: 0; }
.session-inspector-figures > div { display: flex; flex-direction: column-reverse; justify-content: flex-end; min-width: 0; }
.session-inspector-figures dt { color: var(--session-inspector-muted, inherit); font-size: 13px; line-height: 1.35; }
.session-inspector-figures dd { margin: 0; font-size: 24px; font-weight: 650; font-variant-numeric: tabular-nums; }
.session-inspector-figures .good { color: var(--session-inspector-good, inherit); }
.session-inspector-figures .bad { color: var(--session-inspector-bad, inherit); }
.session-inspector-dot { display: inline-block; width: 9px; height: 9px; margin-right: 6px; border-radius: 3px; }
.session-inspector-chart { min-width: 0; height: 180px; overflow: hidden; color: var(--session-inspector-muted, inherit); border-color: var(--session-inspector-line, #8884); }
.session-inspector-title { margin: 0; font-size: 15px; }
.session-inspector-log { margin: 0; padding: 0; list-style: none; font-size: 14px; line-height: 1.7; }
.session-inspector-log time { margin-right: 10px; color: var(--session-inspector-muted, inherit); font-variant-numeric: tabular-nums; }
.session-inspector-announced { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.uplot, .uplot *, .uplot ::before, .uplot ::after { box-sizing: border-box; }
.uplot { width: min-content; line-height: 1.5; }
.uplot canvas { display: block; position: relative; width: 100%; height: 100%; }
.u-wrap { position: relative; user-select: none; }
.u-over, .u-under, .u-axis { position: absolute; }
.u-under { overflow: hidden; }
`

let sheet: CSSStyleSheet | undefined

/** Adds the style sheet to the element's document or shadow root, once. Works under a strict Content-Security-Policy. */
export function adoptStyle(element: Element): void {
  const root = element.getRootNode() as Document | ShadowRoot
  if (!sheet) {
    sheet = new CSSStyleSheet()
    sheet.replaceSync(STYLE)
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
}
