-- The newest mail or letter of each logon: the ledger asks of thousands whether a newer one has taken their place.

-- Kept by the triggers below. Whoever adds mails holds the rows of their logons, so that two never write the same one.
create table newest_mails (
  logon_id bigint primary key references logons on delete cascade,
  mail_id bigint not null
);

create function note_newest_mails() returns trigger language plpgsql as $$
begin
  insert into newest_mails (logon_id, mail_id)
  select logon_id, max(id) from changed where logon_id is not null group by logon_id order by logon_id
  on conflict (logon_id) do update set mail_id = excluded.mail_id where newest_mails.mail_id < excluded.mail_id;
  return null;
end $$;
-- Older nodes: it only writes to a table that they do not know.
create trigger newest_after_insert after insert on credential_mails
  referencing new table as changed for each statement execute function note_newest_mails();

-- After mails went to another logon, or were deleted: what is left decides.
create function refresh_newest_mails(ids bigint[]) returns void language plpgsql as $$
begin
  delete from newest_mails n
   where n.logon_id = any(ids) and not exists (select from credential_mails m where m.logon_id = n.logon_id);
  insert into newest_mails (logon_id, mail_id)
  select m.logon_id, max(m.id) from credential_mails m where m.logon_id = any(ids) group by m.logon_id order by m.logon_id
  on conflict (logon_id) do update set mail_id = excluded.mail_id where newest_mails.mail_id <> excluded.mail_id;
end $$;
create function newest_mail_moved() returns trigger language plpgsql as $$
begin
  perform refresh_newest_mails(array[old.logon_id, new.logon_id]);
  return null;
end $$;
-- Older nodes: as above.
create trigger newest_after_move after update of logon_id on credential_mails
  for each row when (new.logon_id is distinct from old.logon_id) execute function newest_mail_moved();
create function newest_mails_deleted() returns trigger language plpgsql as $$
begin
  perform refresh_newest_mails((select array_agg(distinct logon_id) from changed where logon_id is not null));
  return null;
end $$;
-- Older nodes: as above.
create trigger newest_after_delete after delete on credential_mails
  referencing old table as changed for each statement execute function newest_mails_deleted();

insert into newest_mails (logon_id, mail_id)
select logon_id, max(id) from credential_mails where logon_id is not null group by logon_id;

-- What was sent and never used, with all that is asked of it: read from this index alone.
create index credential_mails_unused_of on credential_mails (id desc) include (logon_id, settled_at)
  where state = 'accepted' and first_used_at is null;
-- Whether a contact has a logon: likewise.
create index logons_live_by_contact on logons (contact_id) where contact_id is not null and deleted_at is null;
