// Who may pass the local Access: two people and one service token, the same on every machine.

export interface Identity {
  email: string
  name: string
  /** Access's own id of the person: the `sub` of every token. */
  sub: string
  groups: readonly string[]
}

export interface ServiceToken {
  /** Sent in `CF-Access-Client-Id`; also the `common_name` of the assertion it is exchanged for. */
  id: string
  /** Sent in `CF-Access-Client-Secret`. */
  secret: string
}

export const ADMIN: Identity = {
  email: 'admin@example.com',
  name: 'Ada Admin',
  sub: '6f1c2b9e-0d5a-4c1f-9a53-2f6a1d7b0001',
  groups: ['engineering', 'executor-admins'],
}

export const MEMBER: Identity = {
  email: 'member@example.com',
  name: 'Mo Member',
  sub: '6f1c2b9e-0d5a-4c1f-9a53-2f6a1d7b0002',
  groups: ['engineering'],
}

export const LOCAL_AGENT: ServiceToken = { id: 'local-agent.access', secret: 'local-secret' }

/** The audience tag of the one local application. */
export const LOCAL_AUDIENCE = 'local-executor-aud'
