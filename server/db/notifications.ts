// Messages to the webhook. One is stored in the batch that stores what it tells of, so that neither is without the
// other, and only while a webhook is set up. server/runs/deliver-notifications.ts sends them.
import { and, asc, desc, eq, inArray, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import { notifications, settings } from '../../drizzle/schema.ts'
import type { QuestionKind } from '../../drizzle/shapes.ts'
import type { Database } from './database.ts'
import { newId } from './id.ts'
import { statement } from './statement.ts'
import { hasWebhook, WEBHOOK_SETTING } from './webhook-setting.ts'

export type NotificationRow = typeof notifications.$inferSelect

/** A run waits for a person. `link` is absolute and leads to the question. */
export interface PendingApprovalPayload {
  approvalId: string
  runId: string
  /** Of the tool: `github.issues.create`. */
  tool: string
  /** The connection it goes through: `github@work`. */
  account: string
  principal: string
  client: string
  summary: string
  link: string
  expiresAt: number
  question: QuestionKind
}

/** A connection that worked, or was never tested, does not work. `link` is absolute and leads to the connection. */
export interface FailingConnectionPayload {
  connectionId: string
  /** `github@work` */
  address: string
  /** `org`, or the id of a person. */
  owner: string
  reason: string
  link: string
}

export type NewNotification = {
  now: number
  /** Made when it is not given. */
  id?: string
} & (
  | { event: 'approval.pending'; payload: PendingApprovalPayload }
  | { event: 'connection.failing'; payload: FailingConnectionPayload }
  | { event: 'test'; payload: { link: string; sentBy: string } }
)

export type NotificationEvent = NewNotification['event']

/** Characters kept of any text of a payload: agents and upstreams wrote some of them. */
const MOST_TEXT = 2000

/**
 * Statements for a `db.batch` that store a notification, if a webhook is set up at that moment and `onlyIf` holds (for
 * example that a row of the same batch was written: `sql\`EXISTS (SELECT 1 FROM …)\``). Nothing has to be read before.
 */
export function notificationStatements(
  db: Database,
  { event, payload, now, id = newId('ntf', now) }: NewNotification,
  onlyIf?: SQL,
): [ReturnType<typeof statement>] {
  const bounded = Object.entries(payload).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' && value.length > MOST_TEXT ? `${value.slice(0, MOST_TEXT - 1)}…` : value,
  ])
  const row = sql`
    INSERT INTO notifications (id, event, payload, state, due_at, created_at)
    SELECT ${id}, ${event}, ${JSON.stringify(Object.fromEntries(bounded))}, 'pending', ${now}, ${now}
    WHERE ${hasWebhook}`
  return [statement(db, onlyIf === undefined ? row : sql`${row} AND (${onlyIf})`)]
}

/**
 * Takes up to `most` notifications that are due, the longest due first: each is counted as tried and not due again
 * before `until`. Of several callers at once only one gets a notification: it is one statement.
 */
export function claimDueNotifications(
  db: Database,
  { now, until, most, id }: { now: number; until: number; most: number; /** Only this one. */ id?: string },
): Promise<NotificationRow[]> {
  const isDue = and(
    eq(notifications.state, 'pending'),
    isNull(notifications.settledAt),
    lte(notifications.dueAt, now),
    id === undefined ? undefined : eq(notifications.id, id),
  )
  const due = db
    .select({ id: notifications.id })
    .from(notifications)
    .where(isDue)
    .orderBy(asc(notifications.dueAt))
    .limit(most)
  return db
    .update(notifications)
    .set({ dueAt: until, attempts: sql`${notifications.attempts} + 1` })
    .where(and(inArray(notifications.id, due), isDue))
    .returning()
}

/** How an attempt went. `retryAt` is when the next one is due. */
export type AttemptOutcome =
  | { state: 'delivered'; at: number }
  | { state: 'failed'; at: number; problem: string }
  | { state: 'pending'; retryAt: number; problem: string }

/** Stores how the attempt of a claim went; nothing, when somebody has claimed the notification since. */
export function recordAttempt(
  db: Database,
  claimed: Pick<NotificationRow, 'id' | 'attempts'>,
  outcome: AttemptOutcome,
) {
  const change =
    outcome.state === 'pending'
      ? { problem: outcome.problem, dueAt: outcome.retryAt }
      : {
          state: outcome.state,
          problem: outcome.state === 'failed' ? outcome.problem : null,
          settledAt: outcome.at,
        }
  return db
    .update(notifications)
    .set(change)
    .where(
      and(
        eq(notifications.id, claimed.id),
        eq(notifications.attempts, claimed.attempts),
        eq(notifications.state, 'pending'),
      ),
    )
}

/** Newest first. */
export function listNotifications(db: Database, limit: number): Promise<NotificationRow[]> {
  return db.select().from(notifications).orderBy(desc(notifications.id)).limit(limit)
}

export function findNotification(db: Database, id: string): Promise<NotificationRow | undefined> {
  return db.select().from(notifications).where(eq(notifications.id, id)).get()
}

/**
 * `failed`: given up since the last one that was delivered, and since the webhook was set (`since` in its setting). `retrying`: not
 * delivered yet after at least one attempt. Both are 0 without a webhook.
 */
export async function countFailedNotifications(db: Database): Promise<{ failed: number; retrying: number }> {
  const found = await db.get<{ failed: number; retrying: number }>(sql`
    WITH webhook AS (
        SELECT coalesce(json_extract(value, '$.since'), 0) AS since FROM ${settings} WHERE name = ${WEBHOOK_SETTING}),
      since AS (SELECT max(
        (SELECT since FROM webhook),
        coalesce((SELECT max(settled_at) FROM notifications WHERE state = 'delivered'), 0)) AS at)
    SELECT
      (SELECT count(*) FROM notifications, since WHERE state = 'failed' AND settled_at > since.at) AS failed,
      (SELECT count(*) FROM notifications, webhook
        WHERE state = 'pending' AND settled_at IS NULL AND problem IS NOT NULL) AS retrying`)
  return { failed: found.failed, retrying: found.retrying }
}

/** To be tried again at once, with a webhook that was put right: what was wrong with the one before is forgotten. */
export function makePendingNotificationsDue(db: Database, now: number) {
  return db
    .update(notifications)
    .set({ dueAt: now, problem: null })
    .where(and(eq(notifications.state, 'pending'), isNull(notifications.settledAt)))
}

/** What has nowhere to go when the webhook is removed. */
export function deletePendingNotifications(db: Database) {
  return db.delete(notifications).where(eq(notifications.state, 'pending'))
}

/** Deletes what was settled before `before`. */
export function deleteOldNotifications(db: Database, before: number) {
  return db
    .delete(notifications)
    .where(
      and(
        or(eq(notifications.state, 'delivered'), eq(notifications.state, 'failed')),
        lt(notifications.settledAt, before),
      ),
    )
}
