// The frame of every page: skip link, navigation, who is signed in, and the line that shows a page on its way.
import { type ReactNode, useEffect, useRef } from 'react'
import { NavLink, useLocation, useNavigation } from 'react-router'

export interface SignedIn {
  /** Email of a person, or name of a service. */
  name: string
  /** As audit and runs name this principal: `person:ada@example.com`. */
  principal: string
  role: 'admin' | 'member' | 'service'
}

const PLACES = [
  { to: '/', label: 'Home' },
  { to: '/integrations', label: 'Integrations' },
  { to: '/connections', label: 'Connections' },
  { to: '/tools', label: 'Tools' },
  { to: '/policies', label: 'Policies' },
  { to: '/approvals', label: 'Approvals' },
  { to: '/runs', label: 'Runs' },
]

/** Beside one's own account: seldom needed, and for admins only. */
const ADMIN_PLACES = [
  { to: '/audit', label: 'Audit' },
  { to: '/settings', label: 'Settings' },
]

interface ShellProps {
  me: SignedIn | undefined
  /** How many approvals wait. */
  waiting: number
  children: ReactNode
}

export function Shell({ me, waiting, children }: ShellProps) {
  const main = useFocusOnNewPage()
  return (
    <>
      <a
        href="#main"
        className="absolute top-2 left-2 z-20 -translate-y-24 rounded-lg bg-accent px-4 py-3 text-sm font-medium text-on-accent focus:translate-y-0"
      >
        Skip to content
      </a>
      <Header me={me} waiting={waiting} />
      <main id="main" ref={main} tabIndex={-1} className="mx-auto w-full max-w-5xl px-4 py-8 sm:px-6 sm:py-12">
        {children}
      </main>
    </>
  )
}

function Header({ me, waiting }: Omit<ShellProps, 'children'>) {
  const { pathname } = useLocation()
  return (
    <header className="sticky top-0 z-10 border-b border-line bg-canvas">
      <div className="mx-auto flex max-w-5xl items-center gap-6 px-4 sm:px-6">
        <NavLink to="/" className="flex min-h-14 shrink-0 items-center gap-2.5 font-semibold tracking-tight">
          <Mark />
          Executor
        </NavLink>
        {me && (
          <>
            <nav aria-label="Main" className="hidden flex-1 gap-0.5 text-sm lg:flex">
              {PLACES.slice(1).map((place) => (
                <NavLink
                  key={place.to}
                  to={place.to}
                  className="flex min-h-14 items-center gap-1.5 border-y-2 border-transparent px-2.5 text-muted hover:text-ink aria-[current=page]:border-b-accent aria-[current=page]:text-ink"
                >
                  {place.label}
                  {place.to === '/approvals' && <Count waiting={waiting} />}
                </NavLink>
              ))}
            </nav>
            {waiting > 0 && (
              <NavLink to="/approvals" className="ml-auto flex min-h-14 min-w-11 items-center justify-center lg:hidden">
                <span className="sr-only">Approvals: </span>
                <Count waiting={waiting} />
              </NavLink>
            )}
            {/* Keyed by the page, so that a menu that was used is closed on the next one. */}
            <Account key={`account ${pathname}`} me={me} />
            <Menu key={`menu ${pathname}`} me={me} waiting={waiting} />
          </>
        )}
      </div>
      <PendingLine />
    </header>
  )
}

const MOST_COUNTED = 99

/** Nothing when nothing waits. */
function Count({ waiting }: { waiting: number }) {
  if (waiting === 0) return null
  return (
    <span className="rounded-full bg-accent px-1.5 text-xs leading-5 font-semibold text-on-accent tabular-nums">
      {waiting > MOST_COUNTED ? `${MOST_COUNTED}+` : waiting}
      <span className="sr-only"> waiting</span>
    </span>
  )
}

const PANEL = 'absolute right-0 z-10 rounded-xl border border-line bg-surface p-2 shadow-lg'

function Account({ me }: { me: SignedIn }) {
  return (
    <details className="relative hidden text-sm lg:block">
      <summary className="flex min-h-14 max-w-48 list-none items-center text-muted hover:text-ink [&::-webkit-details-marker]:hidden">
        <span className="truncate">{me.name}</span>
        <span aria-hidden="true" className="ml-1.5 text-xs">
          ▾
        </span>
      </summary>
      <div className={`${PANEL} top-13 w-72`}>
        <Identity me={me} />
      </div>
    </details>
  )
}

function Menu({ me, waiting }: { me: SignedIn; waiting: number }) {
  return (
    <details className={`relative lg:hidden ${waiting > 0 ? '-ml-4' : 'ml-auto'}`}>
      <summary className="flex min-h-14 list-none items-center px-2 font-medium [&::-webkit-details-marker]:hidden">
        Menu
      </summary>
      <div className={`${PANEL} top-13 -right-2 w-[min(20rem,calc(100vw-1rem))]`}>
        <nav aria-label="Main">
          {PLACES.map((place) => (
            <NavLink
              key={place.to}
              to={place.to}
              end={place.to === '/'}
              className="flex min-h-11 items-center justify-between rounded-lg px-3 hover:bg-sunken aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent"
            >
              {place.label}
              {place.to === '/approvals' && <Count waiting={waiting} />}
            </NavLink>
          ))}
        </nav>
        <div className="mt-2 border-t border-line pt-2">
          <Identity me={me} />
        </div>
      </div>
    </details>
  )
}

const ROLES: Record<SignedIn['role'], string> = { admin: 'Admin', member: 'Member', service: 'Service' }

function Identity({ me }: { me: SignedIn }) {
  return (
    <>
      <div className="px-3 py-2 text-sm">
        <p className="font-medium wrap-anywhere">{me.name}</p>
        <p className="text-muted">{ROLES[me.role]}</p>
        <p className="mt-1 font-mono text-xs text-muted wrap-anywhere">{me.principal}</p>
      </div>
      {me.role === 'admin' &&
        ADMIN_PLACES.map((place) => (
          <NavLink
            key={place.to}
            to={place.to}
            className="flex min-h-11 items-center rounded-lg px-3 text-sm hover:bg-sunken aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent"
          >
            {place.label}
          </NavLink>
        ))}
      {/* Access answers this address itself, so it is a plain link and not a page of the console. */}
      <a href="/cdn-cgi/access/logout" className="flex min-h-11 items-center rounded-lg px-3 text-sm hover:bg-sunken">
        Sign out
      </a>
    </>
  )
}

function PendingLine() {
  const isPending = useNavigation().state !== 'idle'
  return (
    <div aria-hidden="true" className="absolute inset-x-0 -bottom-px h-0.5 overflow-hidden">
      {isPending && <div className="pending-line h-full bg-accent" />}
    </div>
  )
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="size-6 text-accent" aria-hidden="true">
      <path
        d="M5 7h13M5 16h21M5 25h13M20 9.5 26.5 16 20 22.5"
        fill="none"
        stroke="currentColor"
        strokeWidth="3.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

/** After a navigation without a page load, the focus would stay on the link of a page that is gone. */
function useFocusOnNewPage() {
  const main = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    main.current?.focus({ preventScroll: true })
  }, [pathname])
  return main
}
