-- Two logons of one adult become one: the other is closed, says into which it went, and never comes back as a second one.

alter table logons
  add column merged_into bigint references logons on delete cascade,
  add constraint logons_merged_check check (merged_into is null or deleted_at is not null and merged_into <> id);
create index logons_merged on logons (merged_into) where merged_into is not null;

-- As in 0015_attention.sql, but what is not so any more is found by one join, however many logons a feed has changed.
create or replace function refresh_attention(ids bigint[]) returns void language plpgsql as $$
begin
  if ids is null then
    return;
  end if;
  perform from logons where id = any(ids) order by id for no key update;
  with found as materialized (
    select * from find_attention(ids)
  ), stale as (
    select a.id
      from attention a
      left join found f
        on f.logon_id = a.logon_id and f.kind = a.kind and f.said = a.said
       and coalesce(f.learner_id, 0) = coalesce(a.learner_id, 0)
     where a.logon_id = any(ids) and a.kind <> 'contact deleted' and f.logon_id is null
    union all
    select a.id from attention a join logons l on l.id = a.logon_id
     where a.logon_id = any(ids) and a.kind = 'contact deleted' and l.contact_id is not null
  )
  delete from attention where id in (select id from stale);
  insert into attention (logon_id, kind, learner_id, said, source)
  select f.logon_id, f.kind, f.learner_id, f.said, left(coalesce(current_setting('parent_logons.source', true), ''), 100)
    from find_attention(ids) f
  on conflict do nothing;
  update attention a set resting = l.deleted_at is not null
    from logons l
   where l.id = a.logon_id and a.logon_id = any(ids) and a.resting <> (l.deleted_at is not null);
end $$;
