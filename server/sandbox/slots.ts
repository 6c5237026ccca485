// At most a few sandboxes live in an isolate at once, because each may take 32 MiB of its 128. The others wait in line.

export interface Slots {
  /** Resolves with a function that gives the slot back, or with undefined when waiting took too long. */
  acquire(): Promise<(() => void) | undefined>
}

export function createSlots(options: { size: number; waitMs: number; wait: (ms: number) => Promise<void> }): Slots {
  let free = options.size
  const waiting = new Set<(isGranted: boolean) => void>()

  function createRelease(): () => void {
    let isReleased = false
    return () => {
      if (isReleased) return
      isReleased = true
      const [next] = waiting
      if (next === undefined) free++
      else next(true)
    }
  }

  return {
    async acquire() {
      if (free > 0) {
        free--
        return createRelease()
      }
      const isGranted = await new Promise<boolean>((resolve) => {
        const settle = (granted: boolean) => {
          waiting.delete(settle)
          resolve(granted)
        }
        waiting.add(settle)
        void options.wait(options.waitMs).then(() => settle(false))
      })
      return isGranted ? createRelease() : undefined
    },
  }
}
