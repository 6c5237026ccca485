// A tile with initials, for what has no picture of ours. Its colour comes from a name, so that it is always the same;
// white is readable on all of them, in both themes. An image and not a styled element: the page allows no inline styles.

export function Monogram({ title, seed }: { title: string; seed: string }) {
  const initials = initialsOf(title)
  return (
    <svg viewBox="0 0 40 40" aria-hidden="true" className="size-10 shrink-0 rounded-lg">
      <rect width="40" height="40" fill={colourOf(seed)} />
      <text
        x="20"
        y="20"
        dominantBaseline="central"
        textAnchor="middle"
        fill="#fff"
        fontSize={initials.length > 1 ? 15 : 18}
        fontWeight="600"
      >
        {initials}
      </text>
    </svg>
  )
}

/** `GitHub` → `GH`, `Google Drive` → `GD`, `Slack` → `S`. */
export function initialsOf(title: string): string {
  return (title.match(/\p{Lu}|(?<=^|\s)\p{L}/gu) ?? []).slice(0, 2).join('').toUpperCase()
}

/** One lightness and one chroma, so that only the hue differs. */
export function colourOf(seed: string): string {
  let hash = 0
  for (const character of seed) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0
  return `oklch(0.47 0.09 ${(hash * 137) % 360})`
}
