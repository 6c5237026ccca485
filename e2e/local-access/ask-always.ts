// What an `oidc-provider` asks before it grants anything: one page of ours, for every request, whatever a session
// remembers. So a change of who is signed in is a change of who a client acts for.
import { interactionPolicy } from 'oidc-provider'

const { Check, Prompt } = interactionPolicy

export function askAlways(): interactionPolicy.Prompt {
  const ask = new Check('always', 'a person has to say who it is', ({ oidc }) => oidc.result?.login === undefined)
  return new Prompt({ name: 'login', requestable: true }, ask)
}
