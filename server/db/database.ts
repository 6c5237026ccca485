// The way into D1. Every query of server/db takes a `Database`; nobody else holds the binding.
import { drizzle, type DrizzleD1Database } from 'drizzle-orm/d1'
import * as schema from '../../drizzle/schema.ts'

export type Database = DrizzleD1Database<typeof schema> & { $client: D1Database }

export function openDatabase(d1: D1Database): Database {
  return drizzle(d1, { schema })
}
