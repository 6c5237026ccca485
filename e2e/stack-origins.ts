// Where the parts of the stack that Playwright started answer, counted as `npm start` counts them.
import { portsFrom } from '../scripts/ports.ts'

/** The folder of the database that the journeys' stack keeps. */
export const JOURNEYS_STATE = '.wrangler/state-e2e'

export interface StackOrigins {
  /** The local Access: what people and agents use. */
  access: string
  /** The Worker without Access in front, as if somebody had found another way to it. */
  worker: string
  /** The sample company. */
  sample: string
}

/** `baseURL` is Playwright's own. */
export function stackOrigins(baseURL: string | undefined): StackOrigins {
  const { origin, port } = new URL(String(baseURL))
  const ports = portsFrom(Number(port))
  const at = (other: number) => origin.replace(/\d+$/, String(other))
  return { access: origin, worker: at(ports.worker), sample: at(ports.sample) }
}
