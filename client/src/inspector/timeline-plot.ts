import uPlot from 'uplot'
import { COLOURS } from './mark-colours.ts'
import type { Mark } from './record-session.ts'

/** A row of the timeline. */
export type Lane = 'operations' | 'waits' | 'refreshes' | 'token'

/** From top to bottom. */
const LANES: readonly Lane[] = ['operations', 'waits', 'refreshes', 'token']

const LANE_OF: Record<Mark['kind'], Lane> = {
  operation: 'operations',
  refused: 'operations',
  failed: 'operations',
  replay: 'operations',
  wait: 'waits',
  refresh: 'refreshes',
  retry: 'refreshes',
  failure: 'refreshes',
  adopted: 'refreshes',
  signedIn: 'token',
  token: 'token',
  ended: 'token',
}

/** The share of the lane's height that stays free above and below a mark. Failures are taller, not just of another colour. */
const MARGIN: Partial<Record<Mark['kind'], number>> = { refused: 0, failure: 0, ended: 0, replay: 0.36 }

/** How far the timeline reaches into the past. */
const SECONDS_SHOWN = 60

/** How far the timeline reaches into the future, to show when the token expires, as a share of the past it shows. */
const FUTURE_SHARE = 0.25

/** Shorter marks would be invisible; in CSS pixels. */
const MIN_MARK_PX = 3

/** As in inspector-style.ts. */
const HEIGHT_PX = 180

export interface TimelinePlot {
  /** Draws the marks of the last minute, up to `now` (milliseconds of the session's clock). */
  draw(now: number): void
  resize(width: number): void
  destroy(): void
}

/**
 * Draws a timeline with four lanes.
 * @param marks read whenever the timeline is drawn
 * @param options the `names` of the lanes, the label of the `present`, and the colours of `text` and of grid `line`s
 */
export function plotTimeline(
  target: HTMLElement,
  marks: readonly Mark[],
  { names, present, text, line }: { names: Record<Lane, string>; present: string; text: string; line: string },
): TimelinePlot {
  let now = 0
  const plot = new uPlot(
    {
      width: Math.max(200, target.clientWidth),
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 12, 0, 0],
      scales: {
        x: { time: false, range: () => [-SECONDS_SHOWN, SECONDS_SHOWN * FUTURE_SHARE] },
        y: { range: [0, LANES.length] },
      },
      axes: [
        {
          stroke: text,
          size: 30,
          grid: { stroke: line, width: 1 },
          ticks: { show: false },
          values: (_plot, splits) => splits.map((at) => (at === 0 ? present : `${at} s`)),
        },
        {
          stroke: text,
          size: 92,
          grid: { show: false },
          ticks: { show: false },
          splits: () => LANES.map((_lane, index) => LANES.length - index - 0.5),
          values: () => LANES.map((lane) => names[lane]),
        },
      ],
      series: [{}, { show: true, paths: () => null, points: { show: false } }],
      hooks: { draw: [(drawn) => drawMarks(drawn, marks, now)] },
    },
    [
      [-SECONDS_SHOWN, 0],
      [0, 0],
    ],
    target,
  )
  return {
    draw(at) {
      now = at
      plot.redraw(false, false)
    },
    resize: (width) => plot.setSize({ width: Math.max(200, width), height: HEIGHT_PX }),
    destroy: () => plot.destroy(),
  }
}

function drawMarks(plot: uPlot, marks: readonly Mark[], now: number): void {
  const { ctx } = plot
  const { left, top, width, height } = plot.bbox
  const minWidth = MIN_MARK_PX * devicePixelRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, top, width, height)
  ctx.clip()
  for (const { kind, from, to } of marks) {
    const end = (to - now) / 1_000
    if (end < -SECONDS_SHOWN) continue
    const [x0, x1] = [plot.valToPos((from - now) / 1_000, 'x', true), plot.valToPos(end, 'x', true)]
    const lane = LANES.length - LANES.indexOf(LANE_OF[kind])
    const margin = MARGIN[kind] ?? 0.2
    const [y0, y1] = [plot.valToPos(lane - margin, 'y', true), plot.valToPos(lane - 1 + margin, 'y', true)]
    ctx.fillStyle = COLOURS[kind]
    ctx.globalAlpha = kind === 'token' ? 0.3 : 0.9
    ctx.fillRect(x0, y0, Math.max(minWidth, x1 - x0), y1 - y0)
    if (kind !== 'token') continue
    // Marks where this token replaced the last one.
    ctx.globalAlpha = 0.9
    ctx.fillRect(x0, y0, devicePixelRatio, y1 - y0)
  }
  // The present.
  ctx.globalAlpha = 0.6
  ctx.fillStyle = COLOURS.operation
  ctx.fillRect(plot.valToPos(0, 'x', true), top, devicePixelRatio, height)
  ctx.restore()
}
