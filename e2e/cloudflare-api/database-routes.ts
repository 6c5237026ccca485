// D1: names are unique, and every query runs in a real SQLite, several statements of one query together or not at all.
import { ApiRefusal, paged, recordOf, type Route, textOf } from './answer.ts'
import { addDatabase, type FakeAccount, type FakeDatabase } from './fake-account.ts'

const summary = ({ uuid, name }: FakeDatabase) => ({ uuid, name, version: 'production', num_tables: 0 })

function findDatabase(account: FakeAccount, uuid: string | undefined): FakeDatabase {
  const database = account.databases.find((one) => one.uuid === uuid)
  if (!database) throw new ApiRefusal(404, 7404, 'The database could not be found')
  return database
}

export function runSql({ sqlite }: FakeDatabase, sql: string): unknown[] {
  // SQLite itself says whether the text is one statement that answers with rows.
  if (/^\s*(SELECT|PRAGMA|WITH)\b/i.test(sql)) return sqlite.prepare(sql).all()
  sqlite.exec('BEGIN')
  try {
    sqlite.exec(sql)
    sqlite.exec('COMMIT')
    return []
  } catch (error) {
    sqlite.exec('ROLLBACK')
    throw error
  }
}

export const databaseRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/d1\/database$/,
    permission: 'd1',
    handle: ({ databases }, { query }) =>
      paged(databases.filter(({ name }) => name.includes(query.get('name') ?? '')).map(summary), query),
  },
  {
    method: 'POST',
    path: /^\/d1\/database$/,
    permission: 'd1',
    handle(account, { json }) {
      const name = textOf(recordOf(json).name, 'name')
      if (account.databases.some((one) => one.name === name)) {
        throw new ApiRefusal(400, 7502, `Database with name '${name}' already exists`)
      }
      return { result: summary(addDatabase(account, name)) }
    },
  },
  {
    method: 'GET',
    path: /^\/d1\/database\/([^/]+)$/,
    permission: 'd1',
    handle: (account, _request, [uuid]) => ({ result: summary(findDatabase(account, uuid)) }),
  },
  {
    method: 'POST',
    path: /^\/d1\/database\/([^/]+)\/query$/,
    permission: 'd1',
    handle(account, { json }, [uuid]) {
      const database = findDatabase(account, uuid)
      try {
        const results = runSql(database, textOf(recordOf(json).sql, 'sql'))
        return { result: [{ success: true, results, meta: { duration: 0 } }] }
      } catch (error) {
        throw new ApiRefusal(400, 7500, error instanceof Error ? error.message : String(error))
      }
    },
  },
]
