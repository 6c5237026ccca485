// What every page is made of: a heading with its actions, sections, and lists of facts.
import type { ReactNode } from 'react'
import { Link } from 'react-router'

interface PageProps {
  title: ReactNode
  /** One or two sentences under the heading. */
  lead?: ReactNode
  /** Links or buttons at the heading's end. */
  actions?: ReactNode
  /** The list this page belongs to. */
  parent?: { to: string; label: string }
  children: ReactNode
}

export function Page({ title, lead, actions, parent, children }: PageProps) {
  return (
    <div className="space-y-10">
      <div className="space-y-3">
        {parent && (
          <nav aria-label="Breadcrumb" className="text-sm">
            <Link to={parent.to} className="-my-3 inline-block py-3 text-muted hover:text-ink">
              <span aria-hidden="true">← </span>
              {parent.label}
            </Link>
          </nav>
        )}
        <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
          <h1 className="min-w-0 text-2xl font-semibold tracking-tight wrap-anywhere sm:text-3xl">{title}</h1>
          {actions && <div className="flex flex-wrap items-center gap-3">{actions}</div>}
        </div>
        {lead && <div className="max-w-[68ch] text-muted">{lead}</div>}
      </div>
      {children}
    </div>
  )
}

interface SectionProps {
  title: ReactNode
  /** Fragment that links and error summaries may point to. */
  id?: string
  lead?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

export function Section({ title, id, lead, actions, children }: SectionProps) {
  return (
    <section id={id} className="space-y-4">
      <div className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        <div className="space-y-1">
          <h2 className="text-lg font-semibold tracking-tight">{title}</h2>
          {lead && <div className="max-w-[68ch] text-sm text-muted">{lead}</div>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  )
}

export function Card({ children, tone = 'plain' }: { children: ReactNode; tone?: 'plain' | 'danger' }) {
  return (
    <div
      className={`rounded-xl border bg-surface p-5 sm:p-6 ${tone === 'danger' ? 'border-danger/50' : 'border-line'}`}
    >
      {children}
    </div>
  )
}

/** Pairs of name and value: `<Fact>`s. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-[max-content_1fr] sm:gap-y-2.5">{children}</dl>
}

/** Nothing at all when there is no value. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === '' || children === false) return null
  return (
    <div className="contents">
      <dt className="-mb-3 text-sm text-muted sm:mb-0 sm:leading-6">{name}</dt>
      <dd className="min-w-0 text-[0.9375rem] leading-6 wrap-anywhere">{children}</dd>
    </div>
  )
}

/** A list whose rows are separated by lines. */
export function Rows({ children }: { children: ReactNode }) {
  return <ul className="divide-y divide-line rounded-xl border border-line bg-surface">{children}</ul>
}

/** What a list says when it is empty, and what to do about it. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="rounded-xl border border-dashed border-control/50 px-6 py-10 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="mx-auto mt-1.5 max-w-[52ch] text-sm text-balance text-muted">{children}</div>}
      {action && <div className="mt-5">{action}</div>}
    </div>
  )
}
