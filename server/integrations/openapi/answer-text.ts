// Bytes as text, by whatever says how they are written.
import { mediaTypeParameter } from './media-type.ts'

/**
 * In this order: a byte order mark, the look of UTF-16, the charset of the content type, the one that the text declares of
 * itself, UTF-8. An unknown charset counts as none.
 */
export function decodeText(bytes: Uint8Array, contentType: string): string {
  for (const label of [wideEncodingOf(bytes), mediaTypeParameter(contentType, 'charset'), declaredIn(bytes)]) {
    const decoder = label === '' ? null : decoderFor(label)
    if (decoder !== null && decoder.encoding !== 'utf-8') return decoder.decode(bytes)
    if (decoder !== null) break
  }
  const text = new TextDecoder().decode(bytes)
  // Not one character that only UTF-8 could have written: bytes of the old default, which nothing declares.
  const isLatin = text.includes('\ufffd') && !/[\u0080-\ufffc\ufffe\uffff]/.test(text)
  return isLatin ? new TextDecoder('windows-1252').decode(bytes) : text
}

/** Valid UTF-8, or UTF-16 by its look, and nothing that only files of bytes have. */
export function looksLikeText(bytes: Uint8Array): boolean {
  try {
    const decoder = new TextDecoder(wideEncodingOf(bytes) || 'utf-8', { fatal: true })
    return !decoder.decode(bytes).includes('\0')
  } catch {
    return false
  }
}

/** UTF-16, by its mark or by the zero beside a first ASCII character; UTF-8 by its mark; else empty. */
function wideEncodingOf([first, second, third, fourth]: Uint8Array): string {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return 'utf-16le'
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? 'utf-16be' : ''
}

/** `<?xml version="1.0" encoding="…"?>` and `<meta charset="…">`. */
function declaredIn(bytes: Uint8Array): string {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 1024))
  const [, xml, html] =
    /^\s*<\?xml[^>]*?\sencoding=["']([\w.:-]+)|<meta[^>]{1,200}?charset=["']?([\w.:-]+)/i.exec(start) ?? []
  return xml ?? html ?? ''
}

function decoderFor(label: string): TextDecoder | null {
  try {
    return new TextDecoder(label)
  } catch {
    return null
  }
}
