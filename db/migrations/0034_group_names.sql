-- The names of year and registration groups, kept as they come: every list's filters offer them, and reading them off the
-- learners takes longer than the list's own page. A name is only ever added. Where two statements bring the same one at once it
-- stands twice, so that nobody waits for anybody; whoever asks leaves out those that no learner has any more.
create table group_names (
  kind text not null check (kind in ('year', 'registration')),
  name text not null
);

create function note_group_names() returns trigger language plpgsql as $$
begin
  insert into group_names (kind, name)
  select kind, name from (
    select 'year' as kind, year_group as name from changed
    union
    select 'registration', registration_group from changed
  ) as given
   where name is not null
  except
  select kind, name from group_names;
  return null;
end $$;
-- Older nodes: it only writes to a table that they do not know.
create trigger group_names_after_insert after insert on learners
  referencing new table as changed for each statement execute function note_group_names();
-- Older nodes: as above.
create trigger group_names_after_update after update on learners
  referencing new table as changed for each statement execute function note_group_names();

insert into group_names (kind, name)
select 'year', year_group from learners where year_group is not null
union
select 'registration', registration_group from learners where registration_group is not null;
