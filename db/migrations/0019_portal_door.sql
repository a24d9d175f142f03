-- The portal's own door: links for a forgotten password, devices that are not asked for a code, and sessions that a parent
-- can end one by one.

create table password_links (
  -- The token is derived from it and the server key: nothing but the hash is at rest, and a mail sent again says the same link.
  id uuid primary key,
  logon_id bigint not null references logons on delete cascade,
  -- Where it was mailed to: it opens nothing once the logon has another email.
  address text not null check (is_line(address, 254)),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  asked_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > asked_at),
  -- Used up, superseded by a newer one, or the password was changed otherwise.
  ended_at timestamptz
);
create unique index password_links_one_open on password_links (logon_id) where ended_at is null;
create index password_links_by_logon on password_links (logon_id);
create index password_links_by_end on password_links (ends_at);

create table remembered_devices (
  id bigint generated always as identity primary key,
  logon_id bigint not null references logons on delete cascade,
  -- SHA-256 of the token in the cookie.
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  remembered_at timestamptz not null,
  used_at timestamptz not null,
  ip inet,
  user_agent text check (char_length(user_agent) <= 400)
);
create index remembered_devices_by_logon on remembered_devices (logon_id, id);
create index remembered_devices_by_time on remembered_devices (remembered_at);

-- Another password, whoever set it: links that are open end, and devices that were remembered are forgotten.
create function forget_with_password() returns trigger language plpgsql as $$
begin
  update password_links set ended_at = now()
   where ended_at is null and logon_id in (select logon_id from changed);
  delete from remembered_devices where logon_id in (select logon_id from changed);
  return null;
end $$;
create trigger password_set after insert on logon_passwords
  referencing new table as changed for each statement execute function forget_with_password();
create trigger password_replaced after update on logon_passwords
  referencing new table as changed for each statement execute function forget_with_password();

-- Another secret, or none: devices that were remembered for the old one are forgotten.
create function forget_devices() returns trigger language plpgsql as $$
begin
  delete from remembered_devices where logon_id = coalesce(new.logon_id, old.logon_id);
  return null;
end $$;
create trigger secret_replaced after insert or delete on totp_secrets
  for each row execute function forget_devices();

-- Deleted or suspended: neither comes back when the logon does.
create function close_ways_in() returns trigger language plpgsql as $$
begin
  update password_links set ended_at = now() where ended_at is null and logon_id = new.id;
  delete from remembered_devices where logon_id = new.id;
  return null;
end $$;
create trigger logon_closed_ways after update of deleted_at, suspended_at on logons
  for each row when (new.deleted_at is not null and old.deleted_at is null or new.suspended_at is not null and old.suspended_at is null)
  execute function close_ways_in();

-- By which a parent names one of their own sessions; the token's hash stays where it is.
alter table sessions add column id bigint generated always as identity;
create unique index sessions_by_id on sessions (id);

alter table throttles drop constraint throttles_door_check;
alter table throttles add constraint throttles_door_check check (door in (
  'office', 'portal', 'confirm', 'code', 'forgot password', 'forgot username'
));
