// How the setup commands talk: every step is said before it begins and confirmed after it was verified. A step that
// cannot go on throws a SetupStop, whose message says what to do next.

export class SetupStop extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SetupStop'
  }
}

/** Says `title`, does the work, and says what it found or made. */
export type Step = <T>(title: string, work: (done: (result: string) => void) => Promise<T>) => Promise<T>

/** `say` gets one line after the other. */
export function announce(say: (line: string) => void): Step {
  return async (title, work) => {
    say(`→ ${title} …`)
    const results: string[] = []
    const value = await work((result) => results.push(result))
    say(`✔ ${results.join('\n  ') || title}`)
    return value
  }
}
