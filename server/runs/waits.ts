/** The timers of one evaluation. */
export class Waits {
  readonly #open = new Map<ReturnType<typeof setTimeout>, (isDue: boolean) => void>()

  /** Resolves with true at `due`, or with false when the waiting is ended before. */
  until(due: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => {
          this.#open.delete(timer)
          resolve(true)
        },
        Math.max(0, due - Date.now()),
      )
      this.#open.set(timer, resolve)
    })
  }

  /** Ends all of them; tells whether there were any. */
  end(): boolean {
    const hadAny = this.#open.size > 0
    for (const [timer, resolve] of this.#open) {
      clearTimeout(timer)
      resolve(false)
    }
    this.#open.clear()
    return hadAny
  }
}
