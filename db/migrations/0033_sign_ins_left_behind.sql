-- The tries of logons that are gone for good: a search finds them by what they say themselves, since nothing else does. Kept as
-- text, as logons keep it: to make it anew for each row that an index has found takes twenty times as long as to compare it.
-- Lists of text made one are as sure as search_key, whatever Postgres has to think of arrays in general.
create function left_behind_key(first_name text, surname text, username text, email text, learners text[]) returns text
  language sql immutable parallel safe
  return ' ' || search_key(concat_ws(' ', first_name, surname, username, email, array_to_string(learners, ' ')));

alter table sign_ins add column left_behind_key text generated always as (
  case when logon_id is null and first_name is not null
       then left_behind_key(first_name, surname, username, email, learners) end) stored;

create index sign_ins_left_behind on sign_ins using gin (left_behind_key gin_trgm_ops) where left_behind_key is not null;
