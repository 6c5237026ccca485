// The operations of an import that waits, as the page shows them: by group, by words, some of them chosen.
import type { Effect } from '../../../drizzle/shapes.ts'
import type { Database } from '../../../server/db/database.ts'
import { type ImportRow, recordChanges } from '../../../server/db/imports.ts'
import {
  chooseTools,
  countEffects,
  countOrigins,
  listPendingGroups,
  listPendingTools,
  type PendingFilter,
} from '../../../server/db/pending-tools.ts'
import { formText } from '../form.ts'

const PAGE_SIZE = 50
const EFFECTS: Effect[] = ['read', 'write', 'destructive']

export async function loadChooser(db: Database, row: ImportRow, search: URLSearchParams) {
  const filter = filterOf(search)
  const after = search.get('after') ?? undefined
  const [effects, otherOrigins, groups, listed] = await Promise.all([
    countEffects(db, row),
    countOrigins(db, row),
    listPendingGroups(db, row, { ...filter, group: undefined }),
    listPendingTools(db, row, { ...filter, ...(after !== undefined && { after }), limit: PAGE_SIZE + 1 }),
  ])
  const tools = listed.slice(0, PAGE_SIZE)
  return {
    effects: effects.toSorted((one, other) => EFFECTS.indexOf(one.effect) - EFFECTS.indexOf(other.effect)),
    otherOrigins,
    groups,
    tools,
    find: filter.find ?? '',
    group: filter.group,
    total: effects.reduce((sum, { count }) => sum + count, 0),
    chosenCount: effects.reduce((sum, { chosen }) => sum + chosen, 0),
    isFirstPage: after === undefined,
    next: listed.length > PAGE_SIZE ? tools.at(-1)?.name : undefined,
  }
}

export type Chooser = Awaited<ReturnType<typeof loadChooser>>

/**
 * What one of the buttons or boxes says: `choose add all`, `choose drop shown`, `choose add reads`, `choose drop one`.
 * `choose page` says nothing beyond the boxes of the page, which come with every form.
 */
export async function choose(db: Database, row: ImportRow, form: FormData, search: URLSearchParams): Promise<void> {
  await keepPage(db, row, form)
  const [, verb = '', what = ''] = formText(form, 'intent').split(' ')
  const isChosen = verb === 'add'
  if (what === 'all') await chooseTools(db, row, {}, isChosen)
  else if (what === 'shown') await chooseTools(db, row, filterOf(search), isChosen)
  else if (what === 'one') await chooseTools(db, row, { names: [formText(form, 'tool')] }, isChosen)
  else if (what === 'reads') {
    await db.batch([chooseTools(db, row, {}, false), chooseTools(db, row, { effect: 'read' }, true)])
  }
  if (row.changes !== null) await recordChanges(db, row.id, null)
}

/** The boxes of the page as they stood when its form was sent: each of the listed names is chosen, or not. */
export async function keepPage(db: Database, row: ImportRow, form: FormData): Promise<void> {
  const listed = formText(form, 'listed').split(' ').filter(Boolean)
  if (listed.length === 0) return
  const ticked = new Set(form.getAll('tool'))
  const names = {
    ticked: listed.filter((name) => ticked.has(name)),
    others: listed.filter((name) => !ticked.has(name)),
  }
  await db.batch([
    chooseTools(db, row, { names: names.ticked }, true),
    chooseTools(db, row, { names: names.others }, false),
  ])
}

/** How many operations are chosen, as it is now. */
export async function countChosen(db: Database, row: ImportRow): Promise<number> {
  return (await countEffects(db, row)).reduce((sum, { chosen }) => sum + chosen, 0)
}

function filterOf(search: URLSearchParams): PendingFilter {
  const find = search.get('find')?.trim().slice(0, 200)
  const group = search.get('group')
  return { ...(find && { find }), ...(group && { group }) }
}
