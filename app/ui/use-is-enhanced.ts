import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** True in a browser with JavaScript, false on the server and while hydrating. */
export function useIsEnhanced(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}
