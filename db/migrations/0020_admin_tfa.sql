-- Two factor authentication for admins too: what a logon has, an admin has; each row belongs to exactly one of both.

alter table totp_secrets drop constraint totp_secrets_pkey,
  add column id bigint generated always as identity primary key,
  alter column logon_id drop not null,
  add column admin_id bigint references admins on delete cascade,
  add constraint totp_secrets_one_of_logon unique (logon_id),
  add constraint totp_secrets_one_of_admin unique (admin_id),
  add constraint totp_secrets_of_one check (num_nonnulls(admin_id, logon_id) = 1);

alter table recovery_codes drop constraint recovery_codes_pkey,
  add column id bigint generated always as identity primary key,
  alter column logon_id drop not null,
  add column admin_id bigint references admins on delete cascade,
  add constraint recovery_codes_one_of_logon unique (logon_id, hash),
  add constraint recovery_codes_one_of_admin unique (admin_id, hash),
  add constraint recovery_codes_of_one check (num_nonnulls(admin_id, logon_id) = 1);

alter table sessions drop constraint sessions_step_of_parent;

-- Suspended, or of another role: every session ends in the same statement, whoever wrote it.
create function end_sessions_of_admin() returns trigger language plpgsql as $$
begin
  delete from sessions where admin_id = new.id;
  return null;
end $$;
create trigger admin_changed after update of suspended_at, role on admins
  for each row when (new.suspended_at is not null and old.suspended_at is null or new.role <> old.role)
  execute function end_sessions_of_admin();

-- There is always an Administrator who can sign in. The lock makes two who demote each other wait for one another: the
-- second then sees what the first has done.
create function lock_administrators() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7061772011);
  return coalesce(new, old);
end $$;
create function keep_an_administrator() returns trigger language plpgsql as $$
begin
  if not exists (select from admins where role = 'Administrator' and suspended_at is null) then
    raise exception 'the last Administrator who can sign in must stay'
      using errcode = 'check_violation', constraint = 'last_administrator';
  end if;
  return null;
end $$;
create trigger administrator_goes before update of role, suspended_at on admins
  for each row when (old.role = 'Administrator' and (new.role <> 'Administrator' or new.suspended_at is not null))
  execute function lock_administrators();
create trigger administrator_deleted before delete on admins
  for each row when (old.role = 'Administrator') execute function lock_administrators();
create trigger administrator_gone after update of role, suspended_at on admins
  for each row when (old.role = 'Administrator' and old.suspended_at is null
                     and (new.role <> 'Administrator' or new.suspended_at is not null))
  execute function keep_an_administrator();
create trigger administrator_removed after delete on admins
  for each row when (old.role = 'Administrator' and old.suspended_at is null) execute function keep_an_administrator();

-- The audit, read by who and by what.
create index audit_by_admin on audit (admin_id, id desc);
create index audit_by_what on audit (what, id desc);
