/** One thing that the doctor found. `id` is stable, for programs; the rest is for people. */
export interface Finding {
  id: string
  /** `note`: could not be looked at, or is worth knowing. Errors alone make a deployment unhealthy. */
  level: 'ok' | 'note' | 'warning' | 'error'
  title: string
  /** What was seen, and what it means. */
  detail: string
  /** What to do next; empty when there is nothing to do. */
  fix: string
}

export const LOG =
  'Watch the log while you try again (npx wrangler tail executor-cloudflare, or Observability in the dashboard): each refusal is there with its reason.'
export const APPLICATIONS = 'Zero Trust > Access controls > Applications'
