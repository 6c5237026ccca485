// An import at work: a bar that moves, by asking again with JavaScript and by reloading the page without.
import { useEffect } from 'react'
import { useLocation, useRevalidator } from 'react-router'
import { Card } from '../../ui/page.tsx'

const ASK_EVERY_MS = 1000

export function ImportProgress({ done, total }: { done: number; total: number }) {
  const { pathname } = useLocation()
  const { revalidate } = useRevalidator()
  useEffect(() => {
    const timer = setInterval(() => void revalidate(), ASK_EVERY_MS)
    return () => clearInterval(timer)
  }, [revalidate])
  return (
    <Card>
      <noscript>
        {/* Named, because a browser that stands at `#main` would only scroll there again. */}
        <meta httpEquiv="refresh" content={`2;url=${pathname}`} />
      </noscript>
      <div className="space-y-3">
        <label htmlFor="progress" className="block font-medium">
          Importing
        </label>
        <progress id="progress" value={done} max={Math.max(total, 1)} className="progress-bar h-2 w-full" />
        <output className="block text-sm text-muted tabular-nums">
          {done.toLocaleString('en')} of {total.toLocaleString('en')} operations. You may leave this page.
        </output>
      </div>
    </Card>
  )
}
