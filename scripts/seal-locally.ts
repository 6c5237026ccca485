// Seals as a Worker with the same key does: for connections that are put straight into a local database.
import { createVault, type Place } from '../server/connections/seal.ts'

export function sealLocally(key: string, value: Record<string, unknown>, place: Place): Promise<string> {
  return createVault({ key }).seal(value, place)
}
