-- The language in which a parent is written to, as the parent or the office chose it.

alter table logons
  -- Null: nobody has chosen; mails are in English then, and the portal welcomes in the browser's language.
  add column language text check (language in ('ar', 'bn', 'en', 'es', 'fr', 'pl', 'pt', 'ro', 'tr', 'ur'));
