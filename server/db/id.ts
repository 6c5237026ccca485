// Ids that sort by time: 48 bits of epoch milliseconds and 80 random bits, in Crockford's base 32 (the ULID layout).
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

export type IdPrefix = 'int' | 'imp' | 'con' | 'pol' | 'run' | 'apr' | 'rem' | 'ntf' | 'cli' | 'flo'

/** `run_01jd3x…`: the prefix says what it names, the rest sorts by creation. */
export function newId(prefix: IdPrefix, now: number = Date.now()): string {
  let time = ''
  for (let rest = now, digit = 0; digit < 10; digit++) {
    time = ALPHABET[rest % 32] + time
    rest = Math.floor(rest / 32)
  }
  const random = crypto.getRandomValues(new Uint8Array(16))
  return `${prefix}_${time}${Array.from(random, (byte) => ALPHABET[byte % 32]).join('')}`
}
