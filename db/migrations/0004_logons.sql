-- Logons, their one password, the learners they are linked to, and the blocks that no link gets past.

create table logons (
  id bigint generated always as identity primary key,
  first_name text not null check (is_line(first_name, 100)),
  surname text not null check (is_line(surname, 100)),
  email text check (is_line(email, 254)),
  username text not null check (is_line(username, 254)),
  -- Also against deleted logons: they can still be restored, and a purge removes the row.
  username_key text not null unique generated always as (username_key(username)) stored,
  contact_id bigint references contacts on delete set null,
  tfa text not null default 'off' check (tfa in ('off', 'required', 'set up')),
  suspended_at timestamptz,
  expires_on date,
  sign_in_count integer not null default 0 check (sign_in_count >= 0),
  last_sign_in_at timestamptz,
  -- Names of the learners it is linked to, in their order: kept by the triggers below for searching and sorting.
  linked_names text not null default '',
  linked_count integer not null default 0 check (linked_count >= 0),
  -- "year Year 7", "group 7A" and "both Year 7, 7A" of every linked learner, for the filters.
  linked_groups text[] not null default '{}',
  -- The last day on which one of the linked learners was at school: infinity while one is, null if there is none.
  learners_until date,
  -- Until when the password works: infinity for one the parent chose, null if there is none. Kept by a trigger.
  password_until timestamptz,
  search_key text not null generated always as (' ' || search_key(
    first_name || ' ' || surname || ' ' || coalesce(email, '') || ' ' || username || ' ' || linked_names
  )) stored,
  -- What the list sorts names by: folded, and compared byte by byte, which is many times quicker than by a language's rules.
  name_key text collate "C" not null generated always as (search_key(surname) || chr(1) || search_key(first_name)) stored,
  first_name_key text collate "C" not null generated always as (search_key(first_name) || chr(1) || search_key(surname)) stored,
  -- Counts edits, so that two people who edit at once cannot overwrite each other.
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by bigint references admins on delete set null,
  check ((last_sign_in_at is null) = (sign_in_count = 0)),
  check (deleted_by is null or deleted_at is not null)
);
-- One index for each way to sort the list; the id makes the order total, so that paging by the last row seen is exact.
create index logons_by_surname on logons (name_key, id) where deleted_at is null;
create index logons_by_first_name on logons (first_name_key, id) where deleted_at is null;
create index logons_by_email on logons ((coalesce(email_key(email), '')) collate "C", id) where deleted_at is null;
create index logons_by_username on logons (username_key collate "C", id) where deleted_at is null;
create index logons_by_linked on logons ((left(search_key(linked_names), 200)) collate "C", id) where deleted_at is null;
create index logons_by_count on logons (sign_in_count, id) where deleted_at is null;
create index logons_by_last on logons ((coalesce(last_sign_in_at, '-infinity')), id) where deleted_at is null;
create index logons_search on logons using gin (search_key gin_trgm_ops) where deleted_at is null;
create index logons_by_email_key on logons (email_key(email)) where email is not null;
create index logons_by_contact on logons (contact_id) where contact_id is not null;
create index logons_deleted on logons (deleted_at desc, id) where deleted_at is not null;
create index logons_suspended on logons (id) where suspended_at is not null;
create index logons_expiring on logons (expires_on) where expires_on is not null;
create index logons_without_email on logons (id) where email is null and deleted_at is null;
create index logons_learners_until on logons ((coalesce(learners_until, '-infinity'))) where deleted_at is null;
create index logons_by_group on logons using gin (linked_groups) where deleted_at is null;
create index logons_password_until on logons (password_until) where deleted_at is null;
create index logons_tfa_pending on logons (id) where tfa = 'required' and deleted_at is null;

-- The one live password of a logon: a second one cannot be, and a list of logons cannot carry hashes by accident.
create table logon_passwords (
  logon_id bigint primary key references logons on delete cascade,
  hash text not null check (hash like '$2_$%' and char_length(hash) = 60),
  -- Temporary: somebody other than the parent chose it. It must be changed at the first sign-in, and expires.
  temporary boolean not null,
  expires_at timestamptz,
  set_at timestamptz not null default now(),
  check (temporary = (expires_at is not null))
);

create function note_password() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    update logons set password_until = null where id = old.logon_id;
  else
    update logons set password_until = coalesce(new.expires_at, 'infinity') where id = new.logon_id;
  end if;
  return null;
end $$;
create trigger password_noted after insert or delete or update of expires_at on logon_passwords
  for each row execute function note_password();

-- One parent must not see one learner (a court order, say). It belongs to the adult: where the logon came from a contact,
-- every logon of that contact is covered.
create table blocks (
  id bigint generated always as identity primary key,
  learner_id bigint not null references learners on delete cascade,
  logon_id bigint references logons on delete cascade,
  contact_id bigint references contacts on delete cascade,
  reason text not null check (char_length(btrim(reason)) between 1 and 2000),
  review_on date,
  set_by bigint references admins on delete set null,
  set_at timestamptz not null default now(),
  lifted_by bigint references admins on delete set null,
  lifted_at timestamptz,
  check (logon_id is not null or contact_id is not null),
  check (lifted_by is null or lifted_at is not null)
);
create unique index blocks_one_by_logon on blocks (logon_id, learner_id) where lifted_at is null and logon_id is not null;
create unique index blocks_one_by_contact on blocks (contact_id, learner_id) where lifted_at is null and contact_id is not null;
create index blocks_by_learner on blocks (learner_id) where lifted_at is null;

create table logon_learners (
  logon_id bigint not null references logons on delete cascade,
  learner_id bigint not null references learners on delete cascade,
  -- Why the office should look at it, as it was when the link was made: kept and shown.
  warning text check (warning in ('no parental responsibility')),
  linked_at timestamptz not null default now(),
  primary key (logon_id, learner_id)
);
create index logon_learners_by_learner on logon_learners (learner_id);

-- Who may not see whom, now: the one question every way in asks.
create function blocked_pairs(logons bigint[], learners bigint[])
  returns table (logon_id bigint, learner_id bigint)
  language sql stable
  begin atomic
    select p.logon_id, p.learner_id
      from unnest(logons, learners) as p (logon_id, learner_id)
      join logons l on l.id = p.logon_id
     where exists (
       select from blocks b
        where b.learner_id = p.learner_id and b.lifted_at is null
          and (b.logon_id = l.id or b.contact_id = l.contact_id)
     );
  end;

-- A blocked link cannot become live. The learner's row is the lock on which a block and a link wait for each other.
create function refuse_blocked_links() returns trigger language plpgsql as $$
declare
  refused record;
begin
  perform from learners where id in (select learner_id from changed) order by id for key share;
  select p.* into refused
    from blocked_pairs(
      (select array_agg(c.logon_id order by c.logon_id, c.learner_id) from changed c),
      (select array_agg(c.learner_id order by c.logon_id, c.learner_id) from changed c)
    ) p limit 1;
  if found then
    raise exception 'logon % may not be linked to learner %', refused.logon_id, refused.learner_id
      using errcode = 'check_violation', constraint = 'link_is_blocked';
  end if;
  return null;
end $$;
create trigger link_added after insert on logon_learners
  referencing new table as changed for each statement execute function refuse_blocked_links();

create function links_never_move() returns trigger language plpgsql as $$
begin
  raise exception 'a link is added or deleted, never moved' using errcode = 'check_violation';
end $$;
create trigger link_moved before update of logon_id, learner_id on logon_learners
  for each row execute function links_never_move();

-- A new block ends the links it forbids at once, and so does giving a logon to a contact who is blocked.
create function lock_learner_of_block() returns trigger language plpgsql as $$
begin
  -- Before the foreign key takes its weaker lock: two blocks of one learner would else wait for each other for ever.
  perform from learners where id = new.learner_id for update;
  return new;
end $$;
create trigger block_locks before insert or update on blocks
  for each row execute function lock_learner_of_block();

create function end_blocked_links() returns trigger language plpgsql as $$
begin
  delete from logon_learners k using logons l
   where k.logon_id = l.id and k.learner_id = new.learner_id and new.lifted_at is null
     and (l.id = new.logon_id or l.contact_id = new.contact_id);
  return null;
end $$;
create trigger block_set after insert or update on blocks
  for each row execute function end_blocked_links();

create function end_links_of_blocked_contact() returns trigger language plpgsql as $$
begin
  perform from learners where id in (select learner_id from logon_learners where logon_id = new.id) order by id for key share;
  delete from logon_learners k
   where k.logon_id = new.id
     and exists (select from blocks b where b.contact_id = new.contact_id and b.learner_id = k.learner_id and b.lifted_at is null);
  return null;
end $$;
create trigger contact_given after update of contact_id on logons
  for each row when (new.contact_id is distinct from old.contact_id and new.contact_id is not null)
  execute function end_links_of_blocked_contact();

-- Keeps what a logon says of its learners true, one set at a time. Grouped rather than lateral: on tables that were never
-- analysed the planner would read all learners once for each logon.
create function refresh_linked(ids bigint[]) returns void language sql as $$
  update logons l
     set linked_names = n.names, linked_count = n.count, linked_groups = n.groups, learners_until = n.until
    from (
      select wanted.id, count(p.id)::int as count,
             coalesce(string_agg(p.surname || ' ' || p.first_name || coalesce(' ' || p.registration_group, ''), ', '
                        order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id), '') as names,
             array_remove(
               array_agg('year ' || p.year_group order by p.id) || array_agg('group ' || p.registration_group order by p.id)
                 || array_agg('both ' || p.year_group || ', ' || p.registration_group order by p.id), null) as groups,
             max(case when p.status = 'Leaver' then p.left_on when p.id is not null then 'infinity'::date end) as until
        from unnest(ids) as wanted (id)
        left join logon_learners k on k.logon_id = wanted.id
        left join learners p on p.id = k.learner_id
       group by wanted.id
    ) n
   where l.id = n.id
     and (l.linked_names, l.linked_count, l.linked_groups, l.learners_until)
         is distinct from (n.names, n.count, n.groups, n.until);
$$;
create function links_changed() returns trigger language plpgsql as $$
begin
  perform refresh_linked((select array_agg(distinct logon_id) from changed));
  return null;
end $$;
create trigger linked_after_insert after insert on logon_learners
  referencing new table as changed for each statement execute function links_changed();
create trigger linked_after_delete after delete on logon_learners
  referencing old table as changed for each statement execute function links_changed();
create function learners_changed() returns trigger language plpgsql as $$
begin
  perform refresh_linked((
    select array_agg(distinct k.logon_id) from logon_learners k
     where k.learner_id in (
       select n.id from new_rows n join old_rows o on o.id = n.id
        where (n.first_name, n.surname, n.year_group, n.registration_group, n.status, n.left_on)
              is distinct from (o.first_name, o.surname, o.year_group, o.registration_group, o.status, o.left_on))
  ));
  return null;
end $$;
create trigger linked_after_learner after update on learners
  referencing old table as old_rows new table as new_rows for each statement execute function learners_changed();
