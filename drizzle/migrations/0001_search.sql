-- The full-text index over tools in force; rowid is tools.id. `integration` holds the slug, so that a query can ask for
-- one integration inside the index. Contentless: the words are in tools, the index keeps only where they stand.
CREATE VIRTUAL TABLE tools_fts USING fts5(
  integration, name, summary, path, parameters, description,
  content = '', contentless_delete = 1,
  tokenize = 'porter unicode61 remove_diacritics 2'
);
--> statement-breakpoint
-- Every word of the index with the number of tools that have it: which words of a query are rare, and what was mistyped.
CREATE VIRTUAL TABLE tools_vocab USING fts5vocab(tools_fts, row);
