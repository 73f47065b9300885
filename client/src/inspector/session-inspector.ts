import { computed, defineComponent, h, onBeforeUnmount, onMounted, type PropType, shallowRef, watch } from 'vue'
import { adoptStyle } from './inspector-style.ts'
import { formatLine, type LogLine, logLines } from './log-lines.ts'
import { COLOURS } from './mark-colours.ts'
import type { Mark, SessionFigures, SessionRecord } from './record-session.ts'
import type { TimelinePlot } from './timeline-plot.ts'
import { ENGLISH, type InspectorWords } from './words.ts'

export { type Mark, recordSession, type SessionFigures, type SessionRecord } from './record-session.ts'
export type { Lane } from './timeline-plot.ts'
export { ENGLISH, type InspectorWords } from './words.ts'

const MAX_LOG_LINES = 8
/** A second of the timeline is about 12 pixels wide, so drawing more often would show nothing new. */
const FRAME_MS = 80
const REDUCED_MOTION_FRAME_MS = 1_000

/** The kind of mark that each figure counts. Its colour makes the figures the legend of the timeline. */
const MARK_OF_FIGURE: Readonly<Record<keyof SessionFigures, Mark['kind']>> = {
  operations: 'operation',
  refreshes: 'refresh',
  adopted: 'adopted',
  replays: 'replay',
  waits: 'wait',
  failures: 'failure',
  noticed: 'refused',
}
/** Announced by screen readers. Operations are too frequent, but are in the list. */
const ANNOUNCED: ReadonlySet<Mark['kind']> = new Set(['refresh', 'adopted', 'failure', 'refused', 'signedIn', 'ended'])

/**
 * A live timeline of a session for developers. It shows operations, waits, refreshes and the lifetime of the access token,
 * with figures and a list of the latest events. Needs `uplot`, but no style sheet.
 *
 * Call `const record = recordSession(session)` next to `createSession`, and use `<SessionInspector :record="record" />`
 * anywhere.
 */
export const SessionInspector = defineComponent({
  name: 'SessionInspector',
  props: {
    record: { type: Object as PropType<SessionRecord>, required: true },
    words: { type: Object as PropType<InspectorWords>, default: () => ENGLISH },
    /** The locale of the times. @default the browser's locale */
    locale: { type: String, default: undefined },
    /** Any string that changes with the colours of the page, so that the chart is drawn again. */
    theme: { type: String, default: '' },
  },
  setup(props) {
    const chart = shallowRef<HTMLElement>()
    const figures = shallowRef(props.record.figures)
    const lines = shallowRef<readonly LogLine[]>([])
    const times = computed(() => new Intl.DateTimeFormat(props.locale, { timeStyle: 'medium' }))
    const announced = computed(() => lines.value.find(({ kind }) => ANNOUNCED.has(kind)))
    let plotTimeline: typeof import('./timeline-plot.ts').plotTimeline | undefined
    let plot: TimelinePlot | undefined
    let frame = 0
    let drawnAt = 0
    let hasChanged = true

    const build = (): void => {
      const target = chart.value
      if (!target || !plotTimeline) return
      plot?.destroy()
      const { color, borderTopColor } = getComputedStyle(target)
      plot = plotTimeline(target, props.record.marks, {
        names: props.words.lanes,
        present: props.words.now,
        text: color,
        line: borderTopColor,
      })
    }
    const update = (): void => {
      hasChanged = false
      figures.value = props.record.figures
      lines.value = logLines(props.record.marks, MAX_LOG_LINES)
    }
    const step = (now: number): void => {
      frame = requestAnimationFrame(step)
      const frameMs = matchMedia('(prefers-reduced-motion: reduce)').matches ? REDUCED_MOTION_FRAME_MS : FRAME_MS
      if (!hasChanged && now - drawnAt < frameMs) return
      drawnAt = now
      if (hasChanged) update()
      plot?.draw(performance.now())
    }
    const stop = props.record.subscribe(() => {
      hasChanged = true
    })
    const resizeObserver =
      typeof ResizeObserver === 'undefined'
        ? null
        : new ResizeObserver(([entry]) => entry && plot?.resize(entry.contentRect.width))

    onMounted(() => {
      if (!chart.value) return
      adoptStyle(chart.value)
      // uPlot measures the screen when it is imported, which fails where there is a window but no screen (jsdom).
      const loading = import('./timeline-plot.ts').then((timeline) => {
        plotTimeline = timeline.plotTimeline
        build()
      })
      loading.catch(() => {}) // for example after a deployment: the log and the figures are still there
      resizeObserver?.observe(chart.value)
      frame = requestAnimationFrame(step)
    })
    watch(() => [props.words, props.theme], build, { flush: 'post' })
    onBeforeUnmount(() => {
      stop()
      cancelAnimationFrame(frame)
      resizeObserver?.disconnect()
      plot?.destroy()
    })

    const textOf = (line: LogLine): string => formatLine(line, props.words.kinds[line.kind])
    const dot = (kind: Mark['kind']) =>
      h('span', { class: 'session-inspector-dot', style: { background: COLOURS[kind] }, 'aria-hidden': 'true' })
    const figure = (name: keyof SessionFigures) => {
      const value = figures.value[name]
      const tone = name === 'noticed' ? (value === 0 ? 'good' : 'bad') : undefined
      return h('div', { key: name }, [
        h('dt', [dot(MARK_OF_FIGURE[name]), props.words.figures[name]]),
        h('dd', { 'data-figure': name, class: tone }, String(value)),
      ])
    }
    const line = (item: LogLine) =>
      h('li', { key: [item.kind, item.label, item.at].join() }, [
        dot(item.kind),
        h('time', times.value.format(performance.timeOrigin + item.at)),
        textOf(item),
      ])
    const names = Object.keys(MARK_OF_FIGURE) as (keyof SessionFigures)[]
    return () =>
      h('div', { class: 'session-inspector' }, [
        h('dl', { class: 'session-inspector-figures' }, names.map(figure)),
        h('div', { ref: chart, class: 'session-inspector-chart', role: 'img', 'aria-label': props.words.chart }),
        h('h3', { class: 'session-inspector-title' }, props.words.log),
        h(
          'ol',
          { class: 'session-inspector-log', style: { minHeight: `${MAX_LOG_LINES * 1.7}em` } },
          lines.value.map(line),
        ),
        h(
          'p',
          { class: 'session-inspector-announced', 'aria-live': 'polite' },
          announced.value && textOf(announced.value),
        ),
      ])
  },
})
