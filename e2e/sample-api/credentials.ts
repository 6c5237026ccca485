// The sample company's keys. They open nothing but this server on this machine.

/** Sent as `Authorization: Bearer …`, or as `?api_key=…`. */
export const SAMPLE_API_KEY = 'northwind-local-key'

/** Sent the same ways: may read, and is refused everything else with 403. */
export const SAMPLE_READ_ONLY_KEY = 'northwind-local-read-only-key'

/** HTTP Basic, the third way in. */
export const SAMPLE_BASIC_USER = 'sample'
export const SAMPLE_BASIC_PASSWORD = 'northwind-local-password'
