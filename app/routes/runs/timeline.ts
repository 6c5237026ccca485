// Where the bars of a run's calls stand. A run may work for a second and wait for a person for days: stretches of time in
// which it only waits are drawn short, everything else to scale.

/** Of the whole width. */
export const WIDTH = 1000

export interface TimedCall {
  number: number
  startedAt: number
  /** Null while it goes on. */
  settledAt: number | null
}

/** A person was asked about a call, until they decided. */
export interface Wait {
  number: number
  from: number
  /** Null while they have not decided. */
  to: number | null
}

export interface BarPart {
  kind: 'work' | 'wait'
  x: number
  width: number
}

export interface Timeline {
  bars: Map<number, BarPart[]>
  /** Whether some waiting is drawn shorter than it was. */
  isShortened: boolean
}

interface Span {
  from: number
  to: number
}

/** What a stretch of waiting takes at most, as a share of all the work. */
const WAIT_SHARE = 0.2
const SHORTEST_BAR = 4

export function layOut(
  { startedAt, endedAt }: { startedAt: number; endedAt: number },
  calls: readonly TimedCall[],
  waits: readonly Wait[],
): Timeline {
  const end = Math.max(endedAt, startedAt + 1)
  const within = (at: number) => Math.min(Math.max(at, startedAt), end)
  const spans = calls.map(({ number, startedAt: from, settledAt }) => {
    const whole = { from: within(from), to: within(settledAt ?? end) }
    const own = waits
      .filter((wait) => wait.number === number)
      .map(({ from, to }) => ({ from: within(from), to: within(to ?? end) }))
      .sort((a, b) => a.from - b.from)
    return { number, work: without(whole, own), wait: own }
  })
  const scale = createScale(
    { from: startedAt, to: end },
    spans.flatMap(({ work }) => work),
    spans.flatMap(({ wait }) => wait),
  )
  const part = (kind: BarPart['kind'], { from, to }: Span): BarPart => {
    const width = Math.max(scale.at(to) - scale.at(from), SHORTEST_BAR)
    return { kind, x: Math.min(scale.at(from), WIDTH - width), width }
  }
  const bars = spans.map(({ number, work, wait }): [number, BarPart[]] => {
    const parts = [...wait.map((span) => part('wait', span)), ...work.map((span) => part('work', span))]
    return [number, parts.sort((a, b) => a.x - b.x)]
  })
  return { bars: new Map(bars), isShortened: scale.isShortened }
}

/** What is left of a span; `holes` are in order. Never nothing: a call without work has an end at least. */
function without(whole: Span, holes: readonly Span[]): Span[] {
  const left: Span[] = []
  let from = whole.from
  for (const hole of holes) {
    if (hole.from > from) left.push({ from, to: Math.min(hole.from, whole.to) })
    from = Math.max(from, hole.to)
  }
  if (from < whole.to || holes.length === 0) left.push({ from, to: Math.max(from, whole.to) })
  return left
}

interface Scale {
  at(time: number): number
  isShortened: boolean
}

function createScale(run: Span, work: readonly Span[], waits: readonly Span[]): Scale {
  const times = [run, ...work, ...waits].flatMap(({ from, to }) => [from, to])
  const points = [...new Set(times)].sort((a, b) => a - b)
  const covers = (spans: readonly Span[], from: number, to: number) =>
    spans.some((span) => span.from <= from && span.to >= to)
  const steps = points.slice(1).map((to, index) => {
    const from = points[index] ?? to
    return { length: to - from, isOnlyWaiting: covers(waits, from, to) && !covers(work, from, to) }
  })
  const worked = steps.reduce((sum, { length, isOnlyWaiting }) => sum + (isOnlyWaiting ? 0 : length), 0)
  const most = Math.max(worked * WAIT_SHARE, 1)
  const drawn = steps.map(({ length, isOnlyWaiting }) => (isOnlyWaiting ? Math.min(length, most) : length))
  const total = drawn.reduce((sum, length) => sum + length, 0)
  const places = new Map<number, number>([[points[0] ?? run.from, 0]])
  let place = 0
  for (const [index, length] of drawn.entries()) {
    place += length
    places.set(points[index + 1] ?? run.to, (place / total) * WIDTH)
  }
  return {
    at: (time) => places.get(time) ?? 0,
    isShortened: steps.some(({ length }, index) => length > (drawn[index] ?? length)),
  }
}
