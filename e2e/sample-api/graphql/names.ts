// Fields and values as GraphQL writes them, and as the store has them.

/** `due_on` becomes `dueOn`, in the fields of the value itself. */
export function camelKeys(value: object): Record<string, unknown> {
  const camel = (key: string) => key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [camel(key), member]))
}

/** `dueOn` becomes `due_on`, in the fields of the value itself. */
export function snakeKeys(value: object): Record<string, unknown> {
  const snake = (key: string) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [snake(key), member]))
}

/** `in_progress` as the value of an enum. */
export function enumValue(text: string): string {
  return text.toUpperCase()
}

/** The value of an enum as the store has it; null and what was not given are not given. */
export function storedValue<T extends string>(options: readonly T[], value: string | null | undefined): T | undefined {
  return options.find((option) => option === value?.toLowerCase())
}
