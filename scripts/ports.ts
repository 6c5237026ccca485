// Where the parts of the local stack listen, all counted from one number.

export interface Ports {
  /** The local Access: the address people and agents use. */
  access: number
  worker: number
  /** The sample company's sign-in. */
  oauth: number
  /** The sample company's API. */
  sample: number
  /** The sample company's people application, behind the local Access. */
  people: number
  /** The same without Access in front: Access's way to it, and tests'. */
  peopleDirect: number
  /** Where tests change what the local Access links. */
  accessControl: number
}

const DEFAULT_PORT = 8787
export const FURTHEST = 6

export type ParsedPorts = { ok: true; ports: Ports } | { ok: false; message: string }

export function parsePorts(text: string | undefined): ParsedPorts {
  const port = text === undefined || text === '' ? DEFAULT_PORT : Number(text)
  if (!/^\d*$/.test(text ?? '') || port < 1 || port + FURTHEST > 65_535) {
    return { ok: false, message: `PORT has to be a number from 1 to ${65_535 - FURTHEST}, and it is "${text}".` }
  }
  return { ok: true, ports: portsFrom(port) }
}

export function portsFrom(port: number): Ports {
  return {
    access: port,
    worker: port + 1,
    oauth: port + 2,
    sample: port + 3,
    people: port + 4,
    peopleDirect: port + 5,
    accessControl: port + FURTHEST,
  }
}

/** A stack's database names the address of its sample, so a stack that was moved to another port has its own. */
export function defaultState(port: number): string {
  return port === DEFAULT_PORT ? '.wrangler/state' : `.wrangler/state-${port}`
}
