// Which calls of one connection are under way in this isolate. What a server asks on the stream that belongs to no request
// can be said to be a call's only while there is no other.

export interface UnderWay {
  /** Whether no other call has been under way since this one began. */
  isAlone: () => boolean
  end: () => void
}

interface Traffic {
  begun: number
  /** When each began: a request that the platform has ended does not say so. */
  open: Map<number, number>
}

const LONGEST_MS = 60_000

export function beginCall(memory: Map<string, unknown> | undefined, place: string): UnderWay {
  if (memory === undefined) return { isAlone: () => true, end: () => {} }
  const known = memory.get(place)
  const traffic: Traffic = isTraffic(known) ? known : { begun: 0, open: new Map() }
  memory.set(place, traffic)
  const now = Date.now()
  for (const [other, at] of traffic.open) if (now - at > LONGEST_MS) traffic.open.delete(other)
  const wasAlone = traffic.open.size === 0
  const own = ++traffic.begun
  traffic.open.set(own, now)
  return {
    isAlone: () => wasAlone && traffic.begun === own,
    end() {
      traffic.open.delete(own)
      if (traffic.open.size === 0 && memory.get(place) === traffic) memory.delete(place)
    },
  }
}

/** Only this file writes it. */
function isTraffic(value: unknown): value is Traffic {
  return typeof value === 'object' && value !== null && 'open' in value
}
