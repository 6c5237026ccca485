import { expect, test } from 'vitest'
import { colourOf, initialsOf } from './monogram.tsx'

test.each([
  ['GitHub', 'GH'],
  ['Slack', 'S'],
  ['Google Drive', 'GD'],
  ['CircleCI', 'CC'],
  ['Fly.io', 'F'],
  ['dbt', 'D'],
  ['Microsoft 365 users', 'MU'],
  ['Émile über alles', 'ÉÜ'],
  ['365', ''],
])('%s is %s', (title, initials) => {
  expect(initialsOf(title)).toBe(initials)
})

test('white is readable on every colour (WCAG 1.4.3), and names spread over the hues', () => {
  const colours = Array.from({ length: 400 }, (_, index) => colourOf(`name_${index}`))
  for (const colour of colours) expect(contrastWithWhite(colour)).toBeGreaterThan(4.5)
  expect(new Set(colours).size).toBeGreaterThan(150)
  expect(colourOf('github')).toBe(colourOf('github'))
})

/** OKLCH to linear sRGB (CSS Color 4), and from there to the ratio of luminances. */
function contrastWithWhite(colour: string): number {
  const [l = 0, chroma = 0, hue = 0] = colour.match(/[\d.]+/g)?.map(Number) ?? []
  const [a, b] = [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)]
  const [long, medium, short] = [
    (l + 0.3963377774 * a + 0.2158037573 * b) ** 3,
    (l - 0.1055613458 * a - 0.0638541728 * b) ** 3,
    (l - 0.0894841775 * a - 1.291485548 * b) ** 3,
  ]
  const linear = [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ].map((channel) => Math.min(Math.max(channel, 0), 1))
  const luminance = 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0)
  return 1.05 / (luminance + 0.05)
}
