// At most a few requests of a run are carried out at once; the others wait in the order in which they were asked.

export interface Lanes {
  /** Resolves with a function that lets the next one go. */
  enter(): Promise<() => void>
}

export function createLanes(size: number): Lanes {
  const waiting: (() => void)[] = []
  let free = size

  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }

  return {
    async enter() {
      if (free > 0) free--
      else await new Promise<void>((resolve) => waiting.push(resolve))
      return leave
    },
  }
}
