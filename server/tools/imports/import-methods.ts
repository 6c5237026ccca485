import type { AuthMethod, DocumentOrigin, ImportPreview } from '../../../drizzle/shapes.ts'

/** Those of a new revision, and behind them what an admin has added to the one in force. */
export function methodsInForce(
  read: { origin: DocumentOrigin; preview: ImportPreview },
  { authMethods }: { authMethods: readonly AuthMethod[] },
): AuthMethod[] {
  const added = authMethods.filter(({ isAdded }) => isAdded)
  const kept = new Set(added.map(({ id }) => id))
  return [...importMethods(read).filter(({ id }) => !kept.has(id)), ...added]
}

/** The document's ways to sign in; first the one that a curl command showed, where the document does not have it. */
export function importMethods({ origin, preview }: { origin: DocumentOrigin; preview: ImportPreview }): AuthMethod[] {
  const given = 'method' in origin ? origin.method : undefined
  const kind = ({ placements }: AuthMethod) =>
    JSON.stringify(placements.map(({ in: place, ...rest }) => [place, 'name' in rest ? rest.name.toLowerCase() : '']))
  const { authMethods } = preview
  if (given === undefined || authMethods.some((method) => kind(method) === kind(given))) return authMethods
  const label = given.label.charAt(0).toUpperCase() + given.label.slice(1)
  const shown = { ...given, label, description: 'As the curl command does.' }
  return [shown, ...authMethods.filter(({ id }) => id !== given.id)]
}
