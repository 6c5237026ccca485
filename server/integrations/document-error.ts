/** A document that cannot be read. `message` says what was found and where, in words for the person who gave it. */
export class DocumentError extends Error {
  override name = 'DocumentError'
  /** Stable reason, for example `html`, `truncated`, `too_large`, `not_openapi`, `invalid_json`, `invalid_yaml`. */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
