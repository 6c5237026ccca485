import type { Skipped } from '../../../drizzle/shapes.ts'

/** The parts of a document that do not become tools, each with its reason. */
export function SkippedList({ skipped, count }: { skipped: Skipped[]; count: number }) {
  return (
    <details className="rounded-xl border border-warn/40 bg-warn-soft">
      <summary className="disclosure rounded-xl px-5 py-3 text-sm font-medium text-warn">
        {count.toLocaleString('en')} {count === 1 ? 'part was' : 'parts were'} skipped
      </summary>
      <ul className="space-y-2 border-t border-warn/40 px-5 py-4 text-sm">
        {skipped.map(({ place, reason }) => (
          <li key={`${place} ${reason}`} className="wrap-anywhere">
            <span className="font-mono">{place}</span>
            <span className="block">{reason}</span>
          </li>
        ))}
        {count > skipped.length && <li>… and {(count - skipped.length).toLocaleString('en')} more</li>}
      </ul>
    </details>
  )
}
