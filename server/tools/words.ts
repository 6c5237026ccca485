// How text becomes words, the same for what is indexed and for what is asked. D1's tokenizer splits at everything that
// is neither letter nor digit; this adds the splits inside an identifier.

/** The words of identifiers: `createIssueComment` → `create Issue Comment`, `HTTPServer.list_for-org` → `HTTP Server list for org`. */
export function spacedWords(identifiers: string): string {
  return identifiers
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replaceAll(/[^\p{L}\p{N}\p{M}\p{Co}]+/gu, ' ')
    .trim()
}

/**
 * The words of prose, in lower case and without diacritics: `Créer un Dépôt` → `creer`, `un`, `depot`. An identifier in
 * it is split when it begins in lower case (`createIssue`); `GitHub` and `OpenAPI` are one word each.
 */
export function wordsOf(prose: string): string[] {
  const spaced = prose.replaceAll(/(?<![\p{L}\p{N}])\p{Ll}[\p{L}\p{N}]*/gu, spacedWords)
  const plain = spaced.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
  return plain.match(/[\p{L}\p{N}\p{Co}]+/gu) ?? []
}
