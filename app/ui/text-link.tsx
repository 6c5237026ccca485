import type { ComponentProps } from 'react'
import { Link } from 'react-router'

export function TextLink(link: ComponentProps<typeof Link>) {
  return (
    <Link
      {...link}
      className={`text-accent underline decoration-1 underline-offset-4 hover:text-accent-strong hover:decoration-2 ${link.className ?? ''}`}
    />
  )
}
