// Buttons change something, links go somewhere; both come in the same four weights.
import type { ComponentProps } from 'react'
import { Link } from 'react-router'

type Weight = 'primary' | 'secondary' | 'danger' | 'quiet'

const SHAPE =
  'inline-flex min-h-11 items-center justify-center gap-2 rounded-lg px-4 text-sm font-medium sm:min-h-10 sm:px-3.5 disabled:cursor-default disabled:opacity-60'

const WEIGHTS: Record<Weight, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  secondary: 'border border-control bg-surface text-ink hover:bg-sunken',
  danger: 'border border-danger bg-surface text-danger hover:bg-danger-soft',
  quiet: 'text-accent underline-offset-4 hover:underline px-1 sm:px-1',
}

export function Button({ weight = 'secondary', ...button }: ComponentProps<'button'> & { weight?: Weight }) {
  return <button type="submit" {...button} className={`cursor-pointer ${SHAPE} ${WEIGHTS[weight]}`} />
}

export function ButtonLink({ weight = 'secondary', ...link }: ComponentProps<typeof Link> & { weight?: Weight }) {
  return <Link {...link} className={`${SHAPE} ${WEIGHTS[weight]}`} />
}
