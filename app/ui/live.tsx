// Keeps a page up to date while something on it goes on: by asking again with JavaScript, and by reloading the page
// without. No connection is held open for whoever looks. Put it on the page only while there is something to wait for.
import { useEffect, useRef } from 'react'
import { useLocation, useNavigation, useRevalidator } from 'react-router'

/** A page that is left open for longer is left alone. */
const GIVE_UP_AFTER_MS = 15 * 60 * 1000

interface LiveProps {
  everyMs: number
  /** Whether the page reloads without JavaScript: never where somebody may be filling in a form. */
  reloads?: boolean
}

export function Live({ everyMs, reloads = true }: LiveProps) {
  const { pathname, search } = useLocation()
  const { revalidate, state } = useRevalidator()
  const isBusy = useNavigation().state !== 'idle' || state !== 'idle'
  const busy = useRef(isBusy)
  useEffect(() => void (busy.current = isBusy), [isBusy])
  useEffect(() => {
    const giveUpAt = Date.now() + GIVE_UP_AFTER_MS
    const timer = setInterval(() => {
      if (Date.now() > giveUpAt) clearInterval(timer)
      else if (!busy.current && document.visibilityState === 'visible') void revalidate()
    }, everyMs)
    return () => clearInterval(timer)
  }, [everyMs, revalidate])
  if (!reloads) return null
  return (
    <noscript>
      {/* Named, because a browser that stands at a fragment would only scroll there again. */}
      <meta httpEquiv="refresh" content={`${Math.max(2, Math.round(everyMs / 1000))};url=${pathname}${search}`} />
    </noscript>
  )
}
