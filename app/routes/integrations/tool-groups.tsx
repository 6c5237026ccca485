import { Form, Link } from 'react-router'
import type { Effect, PolicyAction } from '../../../drizzle/shapes.ts'
import { Address } from '../../ui/address.tsx'
import { Badge, DecisionBadge, EffectBadge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { FilterLinks } from '../../ui/filter-links.tsx'
import { Rows, Section } from '../../ui/page.tsx'
import { Pagination } from '../../ui/pagination.tsx'

export interface ListedTool {
  /** Within the integration. */
  name: string
  summary: string
  effect: Effect
  isDeprecated: boolean
  action: PolicyAction
}

interface ToolGroupsProps {
  slug: string
  groups: { name: string; count: number }[]
  /** The group that is shown, or every tool in order of name. */
  group: string | undefined
  tools: ListedTool[]
  isFirstPage: boolean
  /** Name after which the next page starts. */
  next: string | undefined
}

const GROUPS_SHOWN = 12

export function ToolGroups({ slug, groups, group, tools, isFirstPage, next }: ToolGroupsProps) {
  const at = (parameters: Record<string, string | undefined>) => {
    const search = new URLSearchParams()
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.set(name, value)
    return `/integrations/${slug}${search.size > 0 ? `?${search}` : ''}#tools`
  }
  const links = [
    { to: at({}), label: 'All', isCurrent: group === undefined },
    ...groups
      .toSorted((one, other) => other.count - one.count)
      .map(({ name, count }) => ({
        to: at({ group: name }),
        label: name,
        count,
        isCurrent: name === group,
      })),
  ]
  const shown = links.slice(0, GROUPS_SHOWN)
  const rest = links.slice(GROUPS_SHOWN)
  return (
    <Section id="tools" title="Tools">
      <search>
        <Form action="/tools" className="flex max-w-xl items-end gap-3">
          <input type="hidden" name="integration" value={slug} />
          <div className="flex-1">
            <TextField type="search" name="query" label="Search these tools" required />
          </div>
          <Button>Search</Button>
        </Form>
      </search>
      {groups.length > 1 && (
        <div className="space-y-2">
          <FilterLinks label="Groups" links={shown} />
          {rest.length > 0 && (
            <details open={rest.some((link) => link.isCurrent)}>
              <summary className="flex min-h-11 items-center text-sm text-accent sm:min-h-8">
                {rest.length} more groups
              </summary>
              <FilterLinks label="More groups" links={rest} />
            </details>
          )}
        </div>
      )}
      <Rows>
        {tools.map((tool) => (
          <li key={tool.name} className="space-y-0.5 px-5 py-2.5">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <Link to={`/tools/${slug}.${tool.name}`} className="-my-2 py-2.5 text-sm text-accent hover:underline">
                <Address text={tool.name} />
              </Link>
              <span className="flex flex-wrap gap-1.5 sm:ml-auto">
                {tool.isDeprecated && <Badge>deprecated</Badge>}
                <EffectBadge effect={tool.effect} />
                <DecisionBadge action={tool.action} />
              </span>
            </div>
            <p className="text-sm text-muted wrap-anywhere">{tool.summary}</p>
          </li>
        ))}
      </Rows>
      <Pagination
        next={next === undefined ? undefined : at({ group, after: next })}
        first={isFirstPage ? undefined : at({ group })}
      />
    </Section>
  )
}
