import { Link } from 'react-router'

/** Views of one list, each with its own address. */
export function FilterLinks({
  label,
  links,
}: {
  label: string
  links: { to: string; label: string; count?: number | string; isCurrent: boolean }[]
}) {
  return (
    <nav aria-label={label} className="flex flex-wrap gap-1.5 text-sm">
      {links.map((link) => (
        <Link
          key={link.to}
          to={link.to}
          aria-current={link.isCurrent ? 'true' : undefined}
          className="flex min-h-11 items-center gap-1.5 rounded-full border border-line px-4 text-muted hover:text-ink aria-[current=true]:border-accent aria-[current=true]:bg-accent-soft aria-[current=true]:text-accent sm:min-h-8 sm:px-3"
        >
          {link.label}
          {link.count !== undefined && (
            <span className="text-xs tabular-nums">
              {typeof link.count === 'number' ? link.count.toLocaleString('en') : link.count}
            </span>
          )}
        </Link>
      ))}
    </nav>
  )
}
