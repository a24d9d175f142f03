-- How many logons there are without counting them, and what a logon says of its learners written with the logon itself.

-- Each change of the number of live logons as a row: their sum is the number, in every snapshot, and nobody waits for
-- anybody. Housekeeping adds the rows up.
create table logon_tally (change integer not null);
create function tally_logons() returns trigger language plpgsql as $$
declare
  change integer;
begin
  select case when tg_op = 'INSERT' then count(*) else -count(*) end into change
    from changed where deleted_at is null;
  if change <> 0 then
    insert into logon_tally values (change);
  end if;
  return null;
end $$;
create trigger tally_after_insert after insert on logons
  referencing new table as changed for each statement execute function tally_logons();
create trigger tally_after_delete after delete on logons
  referencing old table as changed for each statement execute function tally_logons();
create function tally_deletion() returns trigger language plpgsql as $$
begin
  insert into logon_tally values (case when new.deleted_at is null then 1 else -1 end);
  return null;
end $$;
create trigger tally_after_deletion after update of deleted_at on logons
  for each row when ((new.deleted_at is null) <> (old.deleted_at is null)) execute function tally_deletion();
create function empty_tally() returns trigger language plpgsql as $$
begin
  delete from logon_tally;
  return null;
end $$;
create trigger tally_after_truncate after truncate on logons
  for each statement execute function empty_tally();
insert into logon_tally select count(*) from logons where deleted_at is null;

-- What refresh_linked writes to a logon with these learners: whoever adds a logon with its links writes it with the row,
-- whose many indexes would else be written twice. The triggers remain the truth; a test holds the two together.
create function linked_to(learners bigint[])
  returns table (names text, count integer, groups text[], until date)
  language sql stable
  begin atomic
    select coalesce(string_agg(p.surname || ' ' || p.first_name || coalesce(' ' || p.registration_group, ''), ', '
                      order by p.surname collate "en-x-icu", p.first_name collate "en-x-icu", p.id), ''),
           count(p.id)::int,
           coalesce(array_remove(
             array_agg('year ' || p.year_group order by p.id) || array_agg('group ' || p.registration_group order by p.id)
               || array_agg('both ' || p.year_group || ', ' || p.registration_group order by p.id), null), '{}'),
           max(case when p.status = 'Leaver' then p.left_on else 'infinity'::date end)
      from learners p where p.id = any(learners);
  end;

create or replace function note_password() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    update logons set password_until = null where id = old.logon_id;
  else
    update logons set password_until = coalesce(new.expires_at, 'infinity')
     where id = new.logon_id and password_until is distinct from coalesce(new.expires_at, 'infinity');
  end if;
  return null;
end $$;
