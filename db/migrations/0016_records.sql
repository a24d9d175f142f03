-- Learners and contacts as records that the office keeps: how their lists are sorted and searched, who has changed them
-- meanwhile, which contacts may be the same adult, and which were made one.

-- Sorts "Year 7" before "Year 10": every number in it is as wide as the next.
create function number_key(words text) returns text
  language sql immutable strict parallel safe
  return regexp_replace(regexp_replace(search_key(words), '(\d+)', '00000000000\1', 'g'), '0*(\d{12})', '\1', 'g');

-- Two mobiles are the same if their digits are: +44, 0044 and (0) are one beginning, and a sheet that dropped the first
-- zero is understood. Null for what is too short to tell anybody apart.
create function mobile_key(mobile text) returns text
  language sql immutable strict parallel safe
  return nullif(
    regexp_replace(regexp_replace(regexp_replace(mobile, '\D', '', 'g'), '^(?:0044|44)0?(?=\d{9})', '0'), '^(?=7\d{9}$)', '0'),
    substring(regexp_replace(mobile, '\D', '', 'g') from '^\d{0,6}$'));

alter table learners
  add column version integer not null default 1,
  add column name_key text collate "C" not null generated always as (search_key(surname) || chr(1) || search_key(first_name)) stored,
  add column first_name_key text collate "C" not null generated always as (search_key(first_name) || chr(1) || search_key(surname)) stored,
  add column admission_key text collate "C" not null generated always as (number_key(admission_number)) stored,
  add column year_key text collate "C" not null generated always as (number_key(coalesce(year_group, ''))) stored,
  add column group_key text collate "C" not null generated always as (number_key(coalesce(registration_group, ''))) stored;
create index learners_sorted_by_name on learners (name_key, id);
create index learners_sorted_by_first_name on learners (first_name_key, id);
create index learners_sorted_by_admission on learners (admission_key, id);
create index learners_sorted_by_year on learners (year_key, name_key, id);
create index learners_sorted_by_group on learners (group_key, name_key, id);
create index learners_sorted_by_status on learners ((status collate "C"), name_key, id);

alter table contacts
  add column version integer not null default 1,
  add column name_key text collate "C" not null generated always as (search_key(surname) || chr(1) || search_key(first_name)) stored,
  add column first_name_key text collate "C" not null generated always as (search_key(first_name) || chr(1) || search_key(surname)) stored,
  add column email_key text collate "C" generated always as (email_key(email)) stored,
  add column mobile_key text collate "C" generated always as (mobile_key(mobile)) stored,
  -- "Surname First" of every learner on whose record the contact stands, in their order: kept with responsible_names.
  add column learner_names text not null default '';

-- What is the same learner or adult is a matter of these columns alone; names that triggers keep are not an edit.
create function learner_edited() returns trigger language plpgsql as $$
begin
  new.version := old.version + 1;
  new.updated_at := now();
  return new;
end $$;
create trigger learner_counts_edits before update on learners for each row
  when ((new.admission_number, new.upn, new.first_name, new.surname, new.date_of_birth, new.year_group,
         new.registration_group, new.status, new.left_on)
        is distinct from (old.admission_number, old.upn, old.first_name, old.surname, old.date_of_birth, old.year_group,
         old.registration_group, old.status, old.left_on))
  execute function learner_edited();

create or replace function refresh_responsible(ids bigint[]) returns void language sql as $$
  select from contacts where id = any(ids) order by id for no key update;
  update contacts c
     set responsible_names = n.names, responsible_count = n.count, learner_names = n.learners
    from (
      select wanted.id, count(p.id) filter (where r.parental_responsibility)::int as count,
             coalesce(string_agg(p.first_name || ' ' || p.surname, ', '
                        order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id)
                        filter (where r.parental_responsibility), '') as names,
             coalesce(string_agg(p.surname || ' ' || p.first_name, ', ' order by p.name_key, p.id), '') as learners
        from unnest(ids) as wanted (id)
        left join contact_learners r on r.contact_id = wanted.id
        left join learners p on p.id = r.learner_id
       group by wanted.id
    ) n
   where c.id = n.id
     and (c.responsible_names, c.responsible_count, c.learner_names) is distinct from (n.names, n.count, n.learners);
$$;
select refresh_responsible((select array_agg(id) from contacts));

alter table contacts
  add column record_key text not null generated always as (' ' || search_key(
    first_name || ' ' || surname || ' ' || coalesce(email, '') || ' ' || coalesce(mobile, '') || ' '
      || coalesce(mobile_key(mobile), '') || ' ' || learner_names
  )) stored;
create index contacts_record_search on contacts using gin (record_key gin_trgm_ops);
create index contacts_sorted_by_name on contacts (name_key, id);
create index contacts_sorted_by_first_name on contacts (first_name_key, id);
create index contacts_sorted_by_email on contacts ((coalesce(email_key, '')) collate "C", id);
create index contacts_sorted_by_mobile on contacts ((coalesce(mobile_key, '')) collate "C", id);
create index contacts_sorted_by_learners on contacts ((left(search_key(learner_names), 200)) collate "C", id);
-- Possible same adults: met side by side here.
create index contacts_same_email on contacts (name_key, email_key, id) where email_key is not null;
create index contacts_same_mobile on contacts (name_key, mobile_key, id) where mobile_key is not null;
-- What Import Contacts is listed by: folded keys compare many times quicker than by a language's rules. With the email, so
-- that counting who can be chosen reads the index alone.
create index contacts_responsible_sorted on contacts (name_key, id) include (email) where responsible_count > 0;

-- Two contacts whom somebody has looked at and who are two adults.
create table distinct_contacts (
  one_id bigint not null references contacts on delete cascade,
  other_id bigint not null references contacts on delete cascade,
  kept_by bigint references admins on delete set null,
  kept_at timestamptz not null,
  primary key (one_id, other_id),
  check (one_id < other_id)
);
create index distinct_contacts_by_other on distinct_contacts (other_id);

-- A contact that is another one's now, so that an old address leads to the one that was kept.
create table merged_contacts (
  id bigint primary key,
  kept_id bigint not null references contacts on delete cascade,
  merged_by bigint references admins on delete set null,
  merged_at timestamptz not null
);
create index merged_contacts_by_kept on merged_contacts (kept_id);

-- Whoever is changed may be somebody's double again: what was decided was decided about what they were.
create function contact_edited() returns trigger language plpgsql as $$
begin
  delete from distinct_contacts where one_id = new.id or other_id = new.id;
  new.version := old.version + 1;
  new.updated_at := now();
  return new;
end $$;
create trigger contact_counts_edits before update on contacts for each row
  when ((new.first_name, new.surname, new.email, new.mobile) is distinct from (old.first_name, old.surname, old.email, old.mobile))
  execute function contact_edited();
