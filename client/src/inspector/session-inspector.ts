import { computed, defineComponent, h, onBeforeUnmount, onMounted, type PropType, shallowRef, watch } from 'vue'
import { adoptStyle } from './inspector-style.ts'
import { type LogLine, logLines, sayLine } from './log-lines.ts'
import type { Mark, SessionFigures, SessionRecord } from './record-session.ts'
import { COLOURS, plotTimeline, type TimelinePlot } from './timeline-plot.ts'
import { ENGLISH, type InspectorWords } from './words.ts'

export { type Mark, recordSession, type SessionFigures, type SessionRecord } from './record-session.ts'
export type { Lane } from './timeline-plot.ts'
export { ENGLISH, type InspectorWords } from './words.ts'

const SECONDS_SHOWN = 60
const HEIGHT_PX = 180
const LINES_SHOWN = 8
/** A second of the timeline is a dozen pixels: to draw more often shows nothing new. */
const FRAME_MS = 80
const CALM_FRAME_MS = 1_000

/** Which mark of the timeline a figure counts: its colour is the figure's too, and so the legend. */
const COUNTS: Readonly<Record<keyof SessionFigures, Mark['kind']>> = {
  operations: 'operation',
  refreshes: 'refresh',
  adopted: 'adopted',
  replays: 'replay',
  waits: 'wait',
  failures: 'failure',
  noticed: 'refused',
}
/** What a screen reader says by itself; operations come by the dozen, and stand in the list. */
const SPOKEN: ReadonlySet<Mark['kind']> = new Set(['refresh', 'adopted', 'failure', 'refused', 'signedIn', 'ended'])

/**
 * A live timeline of a session for developers: operations, waits, refreshes and the life of the access token, with the
 * figures and the latest events in words. Needs `uplot`, and no style sheet.
 *
 * `const record = recordSession(session)` beside `createSession`, and `<SessionInspector :record="record" />` anywhere.
 */
export const SessionInspector = defineComponent({
  name: 'SessionInspector',
  props: {
    record: { type: Object as PropType<SessionRecord>, required: true },
    words: { type: Object as PropType<InspectorWords>, default: () => ENGLISH },
    /** Of the times; the browser's without it. */
    locale: { type: String, default: undefined },
    /** Changes when the colours of the page do, so that the chart is drawn anew. */
    theme: { type: String, default: '' },
  },
  setup(props) {
    const chart = shallowRef<HTMLElement>()
    const figures = shallowRef(props.record.figures)
    const lines = shallowRef<readonly LogLine[]>([])
    const times = computed(() => new Intl.DateTimeFormat(props.locale, { timeStyle: 'medium' }))
    const spoken = computed(() => lines.value.find(({ kind }) => SPOKEN.has(kind)))
    let plot: TimelinePlot | undefined
    let frame = 0
    let drawnAt = 0
    let hasNews = true

    const build = (): void => {
      const target = chart.value
      if (!target) return
      plot?.destroy()
      const { color, borderTopColor } = getComputedStyle(target)
      plot = plotTimeline(target, props.record.marks, {
        seconds: SECONDS_SHOWN,
        height: HEIGHT_PX,
        names: props.words.lanes,
        present: props.words.now,
        text: color,
        line: borderTopColor,
      })
    }
    const look = (): void => {
      hasNews = false
      figures.value = props.record.figures
      lines.value = logLines(props.record.marks, LINES_SHOWN)
    }
    const step = (now: number): void => {
      frame = requestAnimationFrame(step)
      const pause = matchMedia('(prefers-reduced-motion: reduce)').matches ? CALM_FRAME_MS : FRAME_MS
      if (!hasNews && now - drawnAt < pause) return
      drawnAt = now
      if (hasNews) look()
      plot?.draw(performance.now())
    }
    const stop = props.record.subscribe(() => {
      hasNews = true
    })
    const watcher =
      typeof ResizeObserver === 'undefined'
        ? null
        : new ResizeObserver(([entry]) => entry && plot?.resize(entry.contentRect.width))

    onMounted(() => {
      if (!chart.value) return
      adoptStyle(chart.value)
      build()
      watcher?.observe(chart.value)
      frame = requestAnimationFrame(step)
    })
    watch(() => [props.words, props.theme], build, { flush: 'post' })
    onBeforeUnmount(() => {
      stop()
      cancelAnimationFrame(frame)
      watcher?.disconnect()
      plot?.destroy()
    })

    const say = (line: LogLine): string => sayLine(line, props.words.kinds[line.kind])
    const dot = (kind: Mark['kind']) =>
      h('span', { class: 'session-inspector-dot', style: { background: COLOURS[kind] }, 'aria-hidden': 'true' })
    const figure = (name: keyof SessionFigures) => {
      const value = figures.value[name]
      const verdict = name === 'noticed' ? (value === 0 ? 'good' : 'bad') : undefined
      return h('div', { key: name }, [
        h('dt', [dot(COUNTS[name]), props.words.figures[name]]),
        h('dd', { 'data-figure': name, class: verdict }, String(value)),
      ])
    }
    const line = (one: LogLine) =>
      h('li', { key: [one.kind, one.label, one.at].join() }, [
        dot(one.kind),
        h('time', times.value.format(performance.timeOrigin + one.at)),
        say(one),
      ])
    const names = Object.keys(COUNTS) as (keyof SessionFigures)[]
    return () =>
      h('div', { class: 'session-inspector' }, [
        h('dl', { class: 'session-inspector-figures' }, names.map(figure)),
        h('div', { ref: chart, class: 'session-inspector-chart', role: 'img', 'aria-label': props.words.chart }),
        h('h3', { class: 'session-inspector-title' }, props.words.log),
        h(
          'ol',
          { class: 'session-inspector-log', style: { minHeight: `${LINES_SHOWN * 1.7}em` } },
          lines.value.map(line),
        ),
        h('p', { class: 'session-inspector-spoken', 'aria-live': 'polite' }, spoken.value && say(spoken.value)),
      ])
  },
})
