// Where the parts of the local stack listen, all counted from one number.

export interface Ports {
  /** The local Access: the address people and agents use. */
  access: number
  worker: number
  sample: number
}

const DEFAULT_PORT = 8787
const FURTHEST = 3

export type ParsedPorts = { ok: true; ports: Ports } | { ok: false; message: string }

export function parsePorts(text: string | undefined): ParsedPorts {
  const port = text === undefined || text === '' ? DEFAULT_PORT : Number(text)
  if (!/^\d*$/.test(text ?? '') || port < 1 || port + FURTHEST > 65_535) {
    return { ok: false, message: `PORT has to be a number from 1 to ${65_535 - FURTHEST}, and it is "${text}".` }
  }
  return { ok: true, ports: portsFrom(port) }
}

export function portsFrom(port: number): Ports {
  return { access: port, worker: port + 1, sample: port + FURTHEST }
}

/** A stack's database names the address of its sample, so a stack that was moved to another port has its own. */
export function defaultState(port: number): string {
  return port === DEFAULT_PORT ? '.wrangler/state' : `.wrangler/state-${port}`
}
