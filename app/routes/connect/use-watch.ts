// An open page notices a new agent by asking for one number; only when it has grown is the page's data loaded again.
import { useEffect, useState } from 'react'
import { useRevalidator } from 'react-router'
import { useIsEnhanced } from '../../ui/use-is-enhanced.ts'

const ASK_EVERY_MS = 2000
/** A page that nobody connects an agent from is left alone. */
const GIVE_UP_AFTER_MS = 15 * 60 * 1000
const MOST_MISSES = 5

/** Watches while the page is visible. False before hydration, without JavaScript, and once it has given up. */
export function useWatch(address: string, lastSeenAt: number): boolean {
  const { revalidate } = useRevalidator()
  const [givenUpOn, setGivenUpOn] = useState<number>()
  useEffect(() => {
    const giveUpAt = Date.now() + GIVE_UP_AFTER_MS
    let misses = 0
    let isAsking = false
    const ask = async () => {
      isAsking = true
      const at = await readNumber(address)
      isAsking = false
      misses = at === undefined ? misses + 1 : 0
      if (at !== undefined && at > lastSeenAt) await revalidate()
    }
    const timer = setInterval(() => {
      if (Date.now() > giveUpAt || misses >= MOST_MISSES) {
        clearInterval(timer)
        setGivenUpOn(lastSeenAt)
      } else if (!isAsking && document.visibilityState === 'visible') void ask()
    }, ASK_EVERY_MS)
    return () => clearInterval(timer)
  }, [address, lastSeenAt, revalidate])
  return useIsEnhanced() && givenUpOn !== lastSeenAt
}

/** Undefined when there is no such answer now: the network may be gone, or the sign-in over. */
async function readNumber(address: string): Promise<number | undefined> {
  try {
    const response = await fetch(address, { redirect: 'error' })
    const text = await response.text()
    return response.ok && /^\d+$/.test(text) ? Number(text) : undefined
  } catch {
    return undefined
  }
}
