// Content that goes up and down beside JSON: what a method says about it.
import { isRecord, own, ownList, ownText } from '../json-value.ts'
import type { MediaDownload, MediaUpload, UploadProtocol } from './binding.ts'
import { readPath } from './path.ts'

const MAX_RANGES = 20

/** `path` is the method's own. */
export function readDownload(method: unknown, path: string): MediaDownload | null {
  if (own(method, 'supportsMediaDownload') !== true) return null
  return {
    ...(own(method, 'useMediaDownloadService') === true ? { path: `/download${path}` } : {}),
    ...(isRecord(own(method, 'response')) ? {} : { isAlways: true }),
  }
}

export type UploadReading = { ok: true; upload: Omit<MediaUpload, 'key'> | null } | { ok: false; reason: string }

/** `pathNames` are the variables that the input has values for. */
export function readUpload(method: unknown, pathNames: readonly string[]): UploadReading {
  const declared = own(method, 'mediaUpload')
  if (!isRecord(declared)) return { ok: true, upload: null }
  const simple = own(own(declared, 'protocols'), 'simple')
  const resumable = own(own(declared, 'protocols'), 'resumable')
  const offered: [UploadProtocol, boolean][] = [
    ['media', isRecord(simple)],
    ['multipart', own(simple, 'multipart') === true],
    ['resumable', isRecord(resumable)],
  ]
  // Google's own libraries send all of them to one path; `uploadType` says which it is.
  const written = ownText(simple, 'path') || ownText(resumable, 'path')
  const path = readPath(`/${written.replace(/^\/+/, '')}`)
  if (!path.ok || written === '' || path.names.some((name) => !pathNames.includes(name))) {
    return { ok: false, reason: `Content cannot be uploaded: its path "${written}" cannot be filled in.` }
  }
  const maxSize = bytesOf(ownText(declared, 'maxSize'))
  return {
    ok: true,
    upload: {
      path: path.template,
      accept: ownList(declared, 'accept')
        .filter((range) => typeof range === 'string')
        .slice(0, MAX_RANGES),
      ...(maxSize === null ? {} : { maxSize }),
      protocols: offered.flatMap(([protocol, isOffered]) => (isOffered ? [protocol] : [])),
    },
  }
}

/** `36700160`, or `10GB` as older documents have it. */
function bytesOf(size: string): number | null {
  const [, digits, unit = ''] = /^(\d{1,15})([KMGT]?)B?$/i.exec(size) ?? []
  return digits ? Number(digits) * 1024 ** ' KMGT'.indexOf(unit.toUpperCase() || ' ') : null
}
