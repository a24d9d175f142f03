-- Functions that the tables build on: what makes two usernames the same, and what a search compares.

create extension if not exists pg_trgm;

-- Two usernames are the same if they differ only in case or Unicode form (NFKC and case folding:
-- Unicode Standard 3.13, "identifier caseless match"). Lower, upper and lower again folds both sharp s, the long s
-- and the final sigma, which lower alone keeps apart. The database alone decides: the program asks for the key.
create function username_key(username text) returns text
  language sql immutable strict parallel safe
  return normalize(lower(upper(lower(
    normalize(username, nfkc) collate "und-x-icu") collate "und-x-icu") collate "und-x-icu"), nfkc);

-- What a search compares: small letters without marks, apostrophes and hyphens, so that "obarley" finds O’Barley-Ñandú.
create function search_key(words text) returns text
  language sql immutable strict parallel safe
  return translate(
    regexp_replace(
      lower(normalize(translate(words, '''‘’ʼ`´-‐‑', ''), nfkd) collate "und-x-icu"), '[\u0300-\u036f]', '', 'g'),
    'łøđħŧıς', 'lodhtiσ'
  );

-- The adult's shared mailbox is found by this: the domain ignores case, and so does every mail server worth the name.
create function email_key(email text) returns text
  language sql immutable strict parallel safe
  return lower(normalize(email, nfkc) collate "und-x-icu");

-- A text a person typed: not blank at either end, no control characters, not longer than it may be.
create function is_line(words text, longest int) returns boolean
  language sql immutable strict parallel safe
  return char_length(words) between 1 and longest and words = btrim(words) and words !~ '[\u0001-\u001f\u007f-\u009f]';
