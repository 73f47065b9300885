import {
  computed,
  defineComponent,
  h,
  onBeforeUnmount,
  onMounted,
  type PropType,
  shallowRef,
  useTemplateRef,
  watch,
} from 'vue'
import type { Mark, SessionFigures, SessionRecord } from './record-session.ts'
import { COLOURS, type Lane, plotTimeline, type TimelinePlot } from './timeline-plot.ts'

export { type Mark, recordSession, type SessionFigures, type SessionRecord } from './record-session.ts'

/** What the inspector says; give your own for another language. */
export interface InspectorWords {
  readonly lanes: Readonly<Record<Lane, string>>
  readonly figures: Readonly<Record<keyof SessionFigures, string>>
  readonly kinds: Readonly<Record<Mark['kind'], string>>
  /** Describes the chart to those who do not see it. */
  readonly chart: string
  readonly log: string
}

export const ENGLISH: InspectorWords = {
  lanes: { operations: 'Operations', waits: 'Waiting', refreshes: 'Refreshes', token: 'Access token' },
  figures: {
    operations: 'Operations',
    refreshes: 'Silent refreshes',
    adopted: 'Tokens from other tabs',
    replays: 'Sent again',
    waits: 'Waited',
    failures: 'Refreshes given up',
    noticed: 'Failures you noticed',
  },
  kinds: {
    operation: 'Operation answered',
    replay: 'Operation sent again with the new token',
    failure: 'Failed',
    wait: 'Operation waited for the refresh',
    refresh: 'Refreshed',
    adopted: 'New token from another tab',
    signedIn: 'Signed in',
    token: 'Access token',
    ended: 'Session ended',
  },
  chart: 'The last minute of this session; the list below says the same in words.',
  log: 'Latest events',
}

const SECONDS_SHOWN = 60
const HEIGHT_PX = 220
const LINES_SHOWN = 12

/**
 * A live timeline of a session for developers: operations, waits, refreshes and the life of the access token, with the
 * figures. Needs `uplot` and its style sheet (`uplot/dist/uPlot.min.css`).
 *
 * `<SessionInspector :record="recordSession(session)" />`; keep the record outside, so that it begins before the page.
 */
export const SessionInspector = defineComponent({
  name: 'SessionInspector',
  props: {
    record: { type: Object as PropType<SessionRecord>, required: true },
    words: { type: Object as PropType<InspectorWords>, default: () => ENGLISH },
    /** Changes when the colours of the page do, so that the chart is drawn anew. */
    theme: { type: String, default: '' },
  },
  setup(props) {
    const chart = useTemplateRef<HTMLElement>('chart')
    const figures = shallowRef(props.record.figures)
    const lines = shallowRef<readonly Mark[]>([])
    let plot: TimelinePlot | undefined
    let frame = 0
    const look = (): void => {
      figures.value = props.record.figures
      lines.value = props.record.marks
        .filter(({ kind }) => kind !== 'token')
        .slice(-LINES_SHOWN)
        .reverse()
    }

    const build = (): void => {
      const target = chart.value
      if (!target) return
      plot?.destroy()
      const { color, borderColor } = getComputedStyle(target)
      plot = plotTimeline(target, props.record.marks, {
        seconds: SECONDS_SHOWN,
        height: HEIGHT_PX,
        names: props.words.lanes,
        text: color,
        line: borderColor,
      })
    }
    const step = (): void => {
      plot?.draw(performance.now())
      frame = requestAnimationFrame(step)
    }
    const watcher =
      typeof ResizeObserver === 'undefined'
        ? null
        : new ResizeObserver(([entry]) => entry && plot?.resize(entry.contentRect.width))

    const stop = props.record.subscribe(look)
    onMounted(() => {
      look()
      build()
      step()
      if (chart.value) watcher?.observe(chart.value)
    })
    watch(() => [props.words, props.theme], build, { flush: 'post' })
    onBeforeUnmount(() => {
      stop()
      cancelAnimationFrame(frame)
      watcher?.disconnect()
      plot?.destroy()
    })

    const names = computed(() => Object.keys(props.words.figures) as (keyof SessionFigures)[])
    return () =>
      h('div', { class: 'session-inspector' }, [
        h(
          'dl',
          { class: 'session-inspector-figures' },
          names.value.map((name) =>
            h('div', { key: name }, [
              h('dt', props.words.figures[name]),
              h('dd', { 'data-figure': name }, String(figures.value[name])),
            ]),
          ),
        ),
        h('div', { ref: 'chart', class: 'session-inspector-chart', role: 'img', 'aria-label': props.words.chart }),
        h('h3', { class: 'session-inspector-title' }, props.words.log),
        h(
          'ol',
          { class: 'session-inspector-log', style: { minHeight: `${LINES_SHOWN * 1.6}em` } },
          lines.value.map((mark, index) =>
            h('li', { key: `${mark.to}-${index}` }, [
              h('span', { style: { color: COLOURS[mark.kind] }, 'aria-hidden': 'true' }, '● '),
              [props.words.kinds[mark.kind], mark.label, duration(mark)].filter(Boolean).join(' · '),
            ]),
          ),
        ),
      ])
  },
})

const duration = ({ from, to }: Mark): string => (to > from ? `${Math.max(1, Math.round(to - from))} ms` : '')
