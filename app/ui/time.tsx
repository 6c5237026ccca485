// A moment, said relative to the answer's own clock: the browser's may differ, and server and browser must agree.
const UNITS: [unit: Intl.RelativeTimeFormatUnit, ms: number][] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

export function relativeTime(at: number, now: number): string {
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
  for (const [unit, ms] of UNITS) {
    if (Math.abs(at - now) >= ms) return format.format(Math.round((at - now) / ms), unit)
  }
  return 'just now'
}

/** `at` and `now` are epoch milliseconds. The exact time is in the title, in UTC. */
export function Time({ at, now }: { at: number; now: number }) {
  const iso = new Date(at).toISOString()
  return (
    <time dateTime={iso} title={`${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`}>
      {relativeTime(at, now)}
    </time>
  )
}
