-- What Import Contacts lists and searches: for each contact the learners for whom Parental Responsibility is ticked.

alter table contacts
  -- "First Surname, First Surname" of the learners with the tick, in their order: kept by the triggers below.
  add column responsible_names text not null default '',
  add column responsible_count integer not null default 0 check (responsible_count >= 0),
  add column search_key text not null generated always as (' ' || search_key(
    first_name || ' ' || surname || ' ' || responsible_names
  )) stored;

-- Keeps them true, one set at a time. First the rows are locked, in a statement of its own: the next one then sees what
-- another transaction ticked for the same contact meanwhile. Grouped, as refresh_linked is.
create function refresh_responsible(ids bigint[]) returns void language sql as $$
  select from contacts where id = any(ids) order by id for no key update;
  update contacts c
     set responsible_names = n.names, responsible_count = n.count
    from (
      select wanted.id, count(p.id)::int as count,
             coalesce(string_agg(p.first_name || ' ' || p.surname, ', '
                        order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id), '') as names
        from unnest(ids) as wanted (id)
        left join contact_learners r on r.contact_id = wanted.id and r.parental_responsibility
        left join learners p on p.id = r.learner_id
       group by wanted.id
    ) n
   where c.id = n.id and (c.responsible_names, c.responsible_count) is distinct from (n.names, n.count);
$$;

create function responsibility_changed() returns trigger language plpgsql as $$
begin
  perform refresh_responsible((select array_agg(distinct contact_id) from changed));
  return null;
end $$;
create trigger responsible_after_insert after insert on contact_learners
  referencing new table as changed for each statement execute function responsibility_changed();
create trigger responsible_after_delete after delete on contact_learners
  referencing old table as changed for each statement execute function responsibility_changed();
create function responsibility_edited() returns trigger language plpgsql as $$
begin
  perform refresh_responsible((
    select array_agg(distinct contact_id)
      from (select contact_id from new_rows union select contact_id from old_rows) as either
  ));
  return null;
end $$;
create trigger responsible_after_update after update on contact_learners
  referencing old table as old_rows new table as new_rows for each statement execute function responsibility_edited();
create function learners_renamed() returns trigger language plpgsql as $$
begin
  perform refresh_responsible((
    select array_agg(distinct r.contact_id) from contact_learners r
     where r.learner_id in (
       select n.id from new_rows n join old_rows o on o.id = n.id
        where (n.first_name, n.surname) is distinct from (o.first_name, o.surname))
  ));
  return null;
end $$;
create trigger responsible_after_learner after update on learners
  referencing old table as old_rows new table as new_rows for each statement execute function learners_renamed();

select refresh_responsible((select array_agg(id) from contacts));

-- With the email, so that counting who can be chosen reads the index alone.
create index contacts_responsible_by_name
  on contacts (surname collate "en-x-icu", first_name collate "en-x-icu", id) include (email) where responsible_count > 0;
create index contacts_search on contacts using gin (search_key gin_trgm_ops) where responsible_count > 0;
