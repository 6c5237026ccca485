// Where the parts of the stack that Playwright started answer, counted as `npm start` counts them.
import { portsFrom } from '../scripts/ports.ts'
import { otherOrigin } from './local-access/applications.ts'

/** Two runs side by side have a stack each. */
export const JOURNEYS_PORT = Number(process.env.JOURNEYS_PORT ?? 8940)

/** The folder of the database that the journeys' stack keeps. */
export const JOURNEYS_STATE = `.wrangler/state-e2e-${JOURNEYS_PORT}`

export interface StackOrigins {
  /** The local Access: what people and agents use. */
  access: string
  /** The Worker without Access in front, as if somebody had found another way to it. */
  worker: string
  /** The sample company's API. */
  sample: string
  /** The sample company's sign-in. */
  oauth: string
  /** The sample company's people application, behind the local Access. */
  people: string
  /** The same without Access in front: its ledger, and nothing that anybody uses. */
  peopleDirect: string
  /** Where the local Access lets tests change its links. */
  accessControl: string
}

/** `baseURL` is Playwright's own. */
export function stackOrigins(baseURL: string | undefined): StackOrigins {
  const { origin, port } = new URL(String(baseURL))
  const ports = portsFrom(Number(port))
  const at = (other: number) => origin.replace(/\d+$/, String(other))
  return {
    access: origin,
    worker: at(ports.worker),
    sample: at(ports.sample),
    oauth: at(ports.oauth),
    people: otherOrigin(ports.people),
    peopleDirect: otherOrigin(ports.peopleDirect),
    accessControl: otherOrigin(ports.accessControl),
  }
}
