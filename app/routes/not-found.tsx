import { data } from 'react-router'

/** Any other address: without this route, the router would log a stack trace for each. */
export function loader() {
  throw data('There is no page at this address.', { status: 404 })
}

export const action = loader

export default function NotFound() {
  return null
}
