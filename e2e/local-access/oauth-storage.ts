// What an authorization server of the local stack keeps: clients, grants and tokens, in memory, and in one file when it
// has a path, so that a client stays connected over a restart.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

interface Entry {
  payload: AdapterPayload
  /** Epoch milliseconds; null for what lasts. */
  expiresAt: number | null
}

function readEntries(path: string): [string, Entry][] {
  try {
    const entries: [string, Entry][] = JSON.parse(readFileSync(path, 'utf8'))
    return entries.filter(([, { expiresAt }]) => expiresAt === null || expiresAt > Date.now())
  } catch {
    // Absent or spoiled: clients register again.
    return []
  }
}

export function createOauthStorage(path?: string): AdapterFactory {
  const entries = new Map<string, Entry>(path === undefined ? [] : readEntries(path))
  const save = () => {
    if (path !== undefined) writeFileSync(path, JSON.stringify([...entries]), { mode: 0o600 })
  }
  const find = (key: string): AdapterPayload | undefined => {
    const entry = entries.get(key)
    return entry && (entry.expiresAt === null || entry.expiresAt > Date.now()) ? entry.payload : undefined
  }

  return (model): Adapter => ({
    async upsert(id, payload, expiresIn) {
      const expiresAt = expiresIn ? Date.now() + expiresIn * 1000 : null
      entries.set(`${model}:${id}`, { payload, expiresAt })
      save()
    },
    find: async (id) => find(`${model}:${id}`),
    async findByUid(uid) {
      const entry = [...entries].find(([key, { payload }]) => key.startsWith(`${model}:`) && payload.uid === uid)
      return entry && find(entry[0])
    },
    async findByUserCode(userCode) {
      const entry = [...entries].find(
        ([key, { payload }]) => key.startsWith(`${model}:`) && payload.userCode === userCode,
      )
      return entry && find(entry[0])
    },
    async consume(id) {
      const payload = find(`${model}:${id}`)
      if (payload) payload.consumed = Math.floor(Date.now() / 1000)
      save()
    },
    async destroy(id) {
      entries.delete(`${model}:${id}`)
      save()
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key)
      save()
    },
  })
}
