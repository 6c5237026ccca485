/** A principal as people call it: an email, or the name of a service token. */
export function principalName(id: string): string {
  if (id === 'executor') return 'Executor'
  return id.replace(/^person:/, '').replace(/^service:/, 'service token ')
}
