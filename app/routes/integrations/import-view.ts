// The address of the page of an import: what is found and shown of its operations and changes stands in it.

/** The page with other parameters; those that are undefined or empty go. */
export function importView(search: string, changes: Record<string, string | undefined>, fragment = ''): string {
  const view = new URLSearchParams(search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') view.delete(name)
    else view.set(name, value)
  }
  return view.size === 0 && fragment !== '' ? fragment : `?${view}${fragment}`
}
