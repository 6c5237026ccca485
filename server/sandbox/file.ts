/** A binary value on its way into or out of a program. As JSON it is its name, type and size. */
export class FileValue {
  readonly name: string
  /** MIME type. */
  readonly type: string
  readonly bytes: Uint8Array

  constructor(name: string, type: string, bytes: Uint8Array) {
    this.name = name
    this.type = type
    this.bytes = bytes
  }

  toJSON(): { name: string; type: string; size: number } {
    return { name: this.name, type: this.type, size: this.bytes.length }
  }
}
