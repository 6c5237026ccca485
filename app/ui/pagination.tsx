import { ButtonLink } from './button.tsx'

/** The way to the next page of a list that is read by cursor, and back to its start. */
export function Pagination({ next, first }: { next?: string; first?: string }) {
  if (next === undefined && first === undefined) return null
  return (
    <nav aria-label="Pages" className="flex flex-wrap justify-between gap-3">
      {first === undefined ? <span /> : <ButtonLink to={first}>First page</ButtonLink>}
      {next !== undefined && <ButtonLink to={next}>Next page</ButtonLink>}
    </nav>
  )
}
