-- What is compared of usernames and names, as 0001_functions.sql says it, quicker: nearly all of them are plain ASCII, which no
-- normal form changes and which has no marks. To find that out takes a tenth of normalising. Not strict, since a strict function
-- with a case in it is called and not written into the statement; nothing gives nothing all the same. email_key stays as it is:
-- its indexes hold only what is not null, which Postgres must see of whatever is looked up there.
create or replace function username_key(username text) returns text
  language sql immutable parallel safe
  return case when octet_length(username) = char_length(username)
    then lower(username collate "und-x-icu")
    else normalize(lower(upper(lower(
      normalize(username, nfkc) collate "und-x-icu") collate "und-x-icu") collate "und-x-icu"), nfkc) end;

create or replace function search_key(words text) returns text
  language sql immutable parallel safe
  return case when octet_length(words) = char_length(words)
    then lower(translate(words, '''`-', '') collate "und-x-icu")
    else translate(
      regexp_replace(
        lower(normalize(translate(words, '''‘’ʼ`´-‐‑', ''), nfkd) collate "und-x-icu"), '[\u0300-\u036f]', '', 'g'),
      'łøđħŧıς', 'lodhtiσ') end;
