// Which operations become tools: by group, by words, all at once or one by one. With JavaScript every choice is kept at
// once; without, the boxes of the page go with whichever button is pressed. They belong to the form below, so that what
// was typed there comes back, and what is ticked here is what is imported.
import { Form, useFetcher, useLocation } from 'react-router'
import type { PendingTool } from '../../../server/db/pending-tools.ts'
import { Address } from '../../ui/address.tsx'
import { Badge, EffectBadge } from '../../ui/badge.tsx'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { FilterLinks } from '../../ui/filter-links.tsx'
import { Empty, Section } from '../../ui/page.tsx'
import { Pagination } from '../../ui/pagination.tsx'
import { useIsEnhanced } from '../../ui/use-is-enhanced.ts'
import { IMPORT_FORM } from './decide.tsx'
import { importView } from './import-view.ts'
import type { Chooser } from './load-chooser.ts'

const GROUPS_SHOWN = 12

export function OperationChooser(chooser: Chooser) {
  const { total, chosenCount, find, group, tools } = chooser
  const { search } = useLocation()
  const bulk = useFetcher()
  const intent = bulk.formData?.get('intent')
  return (
    <Section
      id="operations"
      title="Operations"
      lead={
        <output>
          {chosenCount.toLocaleString('en')} of {total.toLocaleString('en')} become tools. This can be changed later.
        </output>
      }
      actions={<Bulk submit={bulk.submit} isFiltered={find !== '' || group !== undefined} />}
    >
      <Find key={find} find={find} search={search} />
      <Groups {...chooser} search={search} />
      {tools.length === 0 ? (
        <Empty title="No operation matches" action={<ButtonLink to={allOf(search)}>Show all of them</ButtonLink>} />
      ) : (
        <Operations {...chooser} search={search} meanwhile={typeof intent === 'string' ? intent : ''} />
      )}
    </Section>
  )
}

function allOf(search: string): string {
  return importView(search, { find: undefined, group: undefined, after: undefined }, '#operations')
}

function Find({ find, search }: { find: string; search: string }) {
  // What else the address says stays.
  const others = [...new URLSearchParams(search)].filter(([name]) => name !== 'find' && name !== 'after')
  return (
    <search>
      <Form action="#operations" preventScrollReset className="flex max-w-xl items-end gap-3">
        {others.map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <div className="flex-1">
          <TextField type="search" name="find" label="Find operations" defaultValue={find} />
        </div>
        <Button>Find</Button>
      </Form>
    </search>
  )
}

interface BulkProps {
  submit: ReturnType<typeof useFetcher>['submit']
  isFiltered: boolean
}

function Bulk({ submit, isFiltered }: BulkProps) {
  const { search } = useLocation()
  const choices = isFiltered
    ? [
        ['add shown', 'Choose these'],
        ['drop shown', 'Leave these out'],
      ]
    : [
        ['add all', 'Choose all'],
        ['drop all', 'Choose none'],
        ['add reads', 'Only reads'],
      ]
  const action = importView(search, {}, '#operations')
  return (
    <div className="flex flex-wrap gap-2">
      {choices.map(([choice, label]) => (
        <Button
          key={choice}
          form={IMPORT_FORM}
          formAction={action}
          formNoValidate
          name="intent"
          value={`choose ${choice}`}
          onClick={(event) => {
            event.preventDefault()
            void submit({ intent: `choose ${choice}` }, { method: 'post', action, flushSync: true })
          }}
        >
          {label}
        </Button>
      ))}
    </div>
  )
}

function Groups({ groups, group, search }: Chooser & { search: string }) {
  const at = (name: string | undefined) => importView(search, { group: name, after: undefined }, '#operations')
  const links = [
    { to: at(undefined), label: 'All', isCurrent: group === undefined },
    ...groups
      .toSorted((one, other) => other.count - one.count)
      .map(({ name, count, chosen }) => ({
        to: at(name),
        label: name,
        count: chosen === count ? count : `${chosen.toLocaleString('en')} of ${count.toLocaleString('en')}`,
        isCurrent: name === group,
      })),
  ]
  if (links.length < 3) return null
  const rest = links.slice(GROUPS_SHOWN)
  return (
    <div className="space-y-2">
      <FilterLinks label="Groups" links={links.slice(0, GROUPS_SHOWN)} />
      {rest.length > 0 && (
        <details open={rest.some((link) => link.isCurrent)}>
          <summary className="flex min-h-11 items-center text-sm text-accent sm:min-h-8">
            {rest.length === 1 ? 'One more group' : `${rest.length} more groups`}
          </summary>
          <FilterLinks label="More groups" links={rest} />
        </details>
      )}
    </div>
  )
}

/** `meanwhile`: the choice for many that is on its way. */
function Operations({ tools, search, next, isFirstPage, meanwhile }: Chooser & { search: string; meanwhile: string }) {
  const isEnhanced = useIsEnhanced()
  const at = (after: string | undefined) => importView(search, { after }, '#operations')
  return (
    <>
      <input type="hidden" form={IMPORT_FORM} name="listed" value={tools.map(({ name }) => name).join(' ')} />
      <ul className="max-h-120 divide-y divide-line overflow-y-auto rounded-xl border border-line bg-surface">
        {tools.map((tool) => (
          <Operation key={tool.name} tool={tool} meanwhile={meanwhile} />
        ))}
      </ul>
      {!isEnhanced && (
        <Button
          form={IMPORT_FORM}
          formAction={importView(search, {}, '#operations')}
          formNoValidate
          name="intent"
          value="choose page"
        >
          Keep this choice
        </Button>
      )}
      <Pagination first={isFirstPage ? undefined : at(undefined)} next={next === undefined ? undefined : at(next)} />
    </>
  )
}

function Operation({ tool, meanwhile }: { tool: PendingTool; meanwhile: string }) {
  const { name, summary, effect, isDeprecated } = tool
  const fetcher = useFetcher()
  const { search } = useLocation()
  const own = fetcher.formData?.get('intent')
  const isChosen = isChosenAfter(typeof own === 'string' ? own : meanwhile, tool)
  return (
    <li className="relative flex gap-3 px-4 py-2.5 hover:bg-sunken sm:px-5">
      <input
        type="checkbox"
        id={`tool-${name}`}
        form={IMPORT_FORM}
        name="tool"
        value={name}
        checked={isChosen}
        onChange={({ currentTarget: { checked } }) => {
          const intent = checked ? 'choose add one' : 'choose drop one'
          // At once: a box that waits for the next frame would jump back.
          void fetcher.submit(
            { intent, tool: name },
            { method: 'post', action: importView(search, {}), flushSync: true },
          )
        }}
        aria-describedby={`summary-${name}`}
        className="relative z-1 mt-1 size-4 shrink-0 accent-accent"
      />
      <div className="min-w-0 flex-1 gap-x-4 sm:flex">
        {/* The whole row is the label. */}
        <label
          htmlFor={`tool-${name}`}
          className="block text-sm leading-6 after:absolute after:inset-0 after:cursor-pointer sm:w-96 sm:shrink-0"
        >
          <Address text={name} />
        </label>
        <p id={`summary-${name}`} className="text-sm leading-6 text-muted wrap-anywhere">
          {summary}
        </p>
      </div>
      <span className="flex shrink-0 flex-col items-end gap-1.5 self-start sm:flex-row">
        {isDeprecated && <Badge>deprecated</Badge>}
        <EffectBadge effect={effect} />
      </span>
    </li>
  )
}

/** As it will be when the choice that is on its way is kept; as it is when there is none. */
function isChosenAfter(intent: string, { effect, isChosen }: PendingTool): boolean {
  const [, verb, what] = intent.split(' ')
  if (verb === undefined) return isChosen
  return what === 'reads' ? effect === 'read' : verb === 'add'
}
