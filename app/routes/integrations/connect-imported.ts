import { createConnection, testConnection } from '../../../server/connections/manage.ts'
import type { AppContext } from '../../../server/context.ts'
import type { IntegrationRow } from '../../../server/db/integrations.ts'
import { findConnection } from '../../../server/db/connections.ts'
import { publicMethod } from '../../../server/tools/import-fields.ts'
import { probeFor } from '../../../server/tools/probe.ts'
import type { ConnectForm } from '../connections/connect-form.ts'
import type { ConnectValues } from '../connections/connect-fields.tsx'

/** Connects what was just imported, and tests it with one of its tools. False when the connection could not be made. */
export async function connectImported(
  app: AppContext,
  integration: IntegrationRow,
  { method, values }: ConnectForm | { method: null; values?: undefined },
  { owner, slug }: Pick<ConnectValues, 'owner' | 'slug'>,
): Promise<boolean> {
  const isConnected = publicMethod(integration.authMethods) !== null
  // What needs no credential is connected by the import itself.
  if (method === null || (isConnected && method.fields.length === 0)) return true
  const created = await createConnection(app, { integration, method, values, owner, slug, isDefault: isConnected })
  if (!created.ok) return false
  const { connection } = created
  app.waitUntil(probeFor(app.db, integration.id, method).then((probe) => testConnection(app, connection, probe)))
  return true
}

/** The connection that an endpoint was read through for the first time: now there is something to test it with. */
export async function testReader(app: AppContext, integrationId: string, id: string): Promise<void> {
  const connection = await findConnection(app.db, id)
  if (connection) await testConnection(app, connection, await probeFor(app.db, integrationId, connection.method))
}
