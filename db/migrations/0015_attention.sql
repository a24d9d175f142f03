-- What needs the office's attention, kept as contacts and links change; and blocks that outlive the records of the adult.

-- A block belongs to the adult. Contacts are deleted by feeds and logons are purged, so it keeps the names by which the adult
-- is known again, and when both records are gone every import still finds it by them.
alter table blocks
  add column first_name text check (is_line(first_name, 100)),
  add column surname text check (is_line(surname, 100)),
  add column email text check (is_line(email, 254)),
  -- Logons whose link it ended: lifting offers to link them again.
  add column ended_logons bigint[] not null default '{}',
  add column reviewed_by bigint references admins on delete set null,
  add column reviewed_at timestamptz,
  add column lift_reason text check (char_length(btrim(lift_reason)) between 1 and 2000);
alter table blocks drop constraint blocks_check;
alter table blocks drop constraint blocks_logon_id_fkey;
alter table blocks drop constraint blocks_contact_id_fkey;
alter table blocks
  add constraint blocks_logon_id_fkey foreign key (logon_id) references logons on delete set null,
  add constraint blocks_contact_id_fkey foreign key (contact_id) references contacts on delete set null;
create index blocks_by_review on blocks (review_on) where lifted_at is null and review_on is not null;

create or replace function lock_learner_of_block() returns trigger language plpgsql as $$
begin
  -- Before the foreign key takes its weaker lock: two blocks of one learner would else wait for each other for ever.
  perform from learners where id = new.learner_id for update;
  if new.surname is null then
    select a.first_name, a.surname, a.email into new.first_name, new.surname, new.email
      from (
        select 1 as place, first_name, surname, email from logons where id = new.logon_id
        union all select 2, first_name, surname, email from contacts where id = new.contact_id
      ) a order by place limit 1;
  end if;
  return new;
end $$;
update blocks set review_on = review_on;
alter table blocks
  alter column first_name set not null,
  alter column surname set not null;

-- Before a contact goes, its logons take its blocks over: each of them is the same adult.
create function keep_blocks_of_contact() returns trigger language plpgsql as $$
begin
  if exists (select from blocks where contact_id = old.id and lifted_at is null) then
    insert into blocks (learner_id, logon_id, first_name, surname, email, reason, review_on, set_by, set_at)
    select b.learner_id, l.id, b.first_name, b.surname, b.email, b.reason, b.review_on, b.set_by, b.set_at
      from blocks b join logons l on l.contact_id = old.id
     where b.contact_id = old.id and b.lifted_at is null
       and not exists (
         select from blocks o where o.logon_id = l.id and o.learner_id = b.learner_id and o.lifted_at is null);
  end if;
  return old;
end $$;
create trigger contact_goes before delete on contacts
  for each row execute function keep_blocks_of_contact();

-- A logon that is given to a contact: the contact's blocks end its links, and its own blocks cover the contact from now on.
create or replace function end_links_of_blocked_contact() returns trigger language plpgsql as $$
begin
  perform from learners where id in (select learner_id from logon_learners where logon_id = new.id) order by id for key share;
  insert into blocks (learner_id, contact_id, first_name, surname, email, reason, review_on, set_by, set_at)
  select b.learner_id, new.contact_id, b.first_name, b.surname, b.email, b.reason, b.review_on, b.set_by, b.set_at
    from blocks b
   where b.logon_id = new.id and b.lifted_at is null
     and not exists (
       select from blocks o where o.contact_id = new.contact_id and o.learner_id = b.learner_id and o.lifted_at is null);
  delete from logon_learners k
   where k.logon_id = new.id
     and exists (select from blocks b where b.contact_id = new.contact_id and b.learner_id = k.learner_id and b.lifted_at is null);
  return null;
end $$;

-- One row for each thing to look at: what the contact says now, since when, and who said so. Its number changes when the
-- contact changes again, so that nobody applies or keeps what they have not seen.
create table attention (
  id bigint generated always as identity primary key,
  logon_id bigint not null references logons on delete cascade,
  kind text not null check (kind in (
    'email differs', 'name differs', 'responsibility unticked', 'taken off learner', 'contact deleted')),
  learner_id bigint references learners on delete cascade,
  -- The contact's email or "First Surname"; empty where the contact has none, and for the other kinds.
  said text not null default '',
  since timestamptz not null default now(),
  -- "task 12" of a feed, "admin 3", or empty where nobody said: from the session variable parent_logons.source.
  source text not null default '' check (char_length(source) <= 100),
  -- The office has looked and leaves it as it is, until the contact says something else.
  kept_at timestamptz,
  kept_by bigint references admins on delete set null,
  -- The logon is deleted: not to be looked at, and remembered for when it is restored.
  resting boolean not null default false,
  check ((learner_id is not null) = (kind in ('responsibility unticked', 'taken off learner')))
);
create unique index attention_one on attention (logon_id, kind, coalesce(learner_id, 0));
create index attention_open on attention (since, id) where kept_at is null and not resting;
create index attention_open_by_kind on attention (kind, since, id) where kept_at is null and not resting;
create index attention_by_learner on attention (learner_id) where learner_id is not null;

-- What there is to look at of these logons, from the records as they are. A link with a warning was made knowingly.
create function find_attention(ids bigint[])
  returns table (logon_id bigint, kind text, learner_id bigint, said text)
  language sql stable
  begin atomic
    select l.id, 'email differs', null::bigint, coalesce(c.email, '')
      from logons l join contacts c on c.id = l.contact_id
     where l.id = any(ids) and email_key(c.email) is distinct from email_key(l.email)
    union all
    select l.id, 'name differs', null, c.first_name || ' ' || c.surname
      from logons l join contacts c on c.id = l.contact_id
     where l.id = any(ids) and (c.first_name, c.surname) is distinct from (l.first_name, l.surname)
    union all
    select l.id, case when r.contact_id is null then 'taken off learner' else 'responsibility unticked' end, k.learner_id, ''
      from logons l
      join logon_learners k on k.logon_id = l.id
      left join contact_learners r on r.contact_id = l.contact_id and r.learner_id = k.learner_id
     where l.id = any(ids) and l.contact_id is not null and k.warning is null
       -- null: a feed did not say; never read as no.
       and (r.contact_id is null or not r.parental_responsibility);
  end;

-- Keeps the table true for a set of logons. They are locked first, in a statement of its own: the next one then sees what
-- another transaction has changed of the same logon meanwhile.
create function refresh_attention(ids bigint[]) returns void language plpgsql as $$
begin
  if ids is null then
    return;
  end if;
  perform from logons where id = any(ids) order by id for no key update;
  with found as materialized (select * from find_attention(ids))
  delete from attention a
   where a.logon_id = any(ids)
     and case when a.kind = 'contact deleted'
         then exists (select from logons l where l.id = a.logon_id and l.contact_id is not null)
         else not exists (
           select from found f
            where f.logon_id = a.logon_id and f.kind = a.kind and f.said = a.said
              and f.learner_id is not distinct from a.learner_id)
         end;
  insert into attention (logon_id, kind, learner_id, said, source)
  select f.logon_id, f.kind, f.learner_id, f.said, left(coalesce(current_setting('parent_logons.source', true), ''), 100)
    from find_attention(ids) f
  on conflict do nothing;
  update attention a set resting = l.deleted_at is not null
    from logons l
   where l.id = a.logon_id and a.logon_id = any(ids) and a.resting <> (l.deleted_at is not null);
end $$;

create function attention_after_new_logons() returns trigger language plpgsql as $$
begin
  perform refresh_attention((select array_agg(id) from changed where contact_id is not null));
  return null;
end $$;
create trigger attention_after_insert after insert on logons
  referencing new table as changed for each statement execute function attention_after_new_logons();

create function attention_after_logons() returns trigger language plpgsql as $$
begin
  -- Only deleting the contact takes it off a logon without anybody's doing.
  insert into attention (logon_id, kind, source)
  select n.id, 'contact deleted', left(coalesce(current_setting('parent_logons.source', true), ''), 100)
    from new_rows n join old_rows o on o.id = n.id
   where n.contact_id is null and o.contact_id is not null
     and not exists (select from contacts c where c.id = o.contact_id)
  on conflict do nothing;
  perform refresh_attention((
    select array_agg(n.id) from new_rows n join old_rows o on o.id = n.id
     where (n.email, n.first_name, n.surname, n.contact_id, n.deleted_at)
           is distinct from (o.email, o.first_name, o.surname, o.contact_id, o.deleted_at)
       and (n.contact_id is not null or o.contact_id is not null
            or n.deleted_at is distinct from o.deleted_at)));
  return null;
end $$;
create trigger attention_after_update after update on logons
  referencing old table as old_rows new table as new_rows for each statement execute function attention_after_logons();

create function attention_after_contacts() returns trigger language plpgsql as $$
begin
  perform refresh_attention((
    select array_agg(l.id)
      from new_rows n join old_rows o on o.id = n.id join logons l on l.contact_id = n.id
     where (n.email, n.first_name, n.surname) is distinct from (o.email, o.first_name, o.surname)));
  return null;
end $$;
create trigger attention_after_update after update on contacts
  referencing old table as old_rows new table as new_rows for each statement execute function attention_after_contacts();

create function attention_after_links() returns trigger language plpgsql as $$
begin
  perform refresh_attention((
    select array_agg(distinct l.id) from changed k join logons l on l.id = k.logon_id where l.contact_id is not null));
  return null;
end $$;
create trigger attention_after_insert after insert on logon_learners
  referencing new table as changed for each statement execute function attention_after_links();
create trigger attention_after_delete after delete on logon_learners
  referencing old table as changed for each statement execute function attention_after_links();

create function attention_after_places() returns trigger language plpgsql as $$
begin
  perform refresh_attention((
    select array_agg(distinct l.id)
      from changed r
      join logons l on l.contact_id = r.contact_id
      join logon_learners k on k.logon_id = l.id and k.learner_id = r.learner_id));
  return null;
end $$;
create trigger attention_after_insert after insert on contact_learners
  referencing new table as changed for each statement execute function attention_after_places();
create trigger attention_after_delete after delete on contact_learners
  referencing old table as changed for each statement execute function attention_after_places();

create function attention_after_responsibility() returns trigger language plpgsql as $$
begin
  perform refresh_attention((
    select array_agg(distinct l.id)
      from new_rows n
      join old_rows o on o.contact_id = n.contact_id and o.learner_id = n.learner_id
      join logons l on l.contact_id = n.contact_id
      join logon_learners k on k.logon_id = l.id and k.learner_id = n.learner_id
     where n.parental_responsibility is distinct from o.parental_responsibility));
  return null;
end $$;
create trigger attention_after_update after update on contact_learners
  referencing old table as old_rows new table as new_rows
  for each statement execute function attention_after_responsibility();

select refresh_attention((select array_agg(id) from logons where contact_id is not null));
