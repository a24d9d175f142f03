-- What the office decides about a logon's access, and an email that nobody has vouched for.

alter table logons
  -- Why it is suspended: for the office alone.
  add column suspended_reason text check (is_line(suspended_reason, 300)),
  -- The email of a logon that somebody uses was changed, and nobody has said yet how they knew who was asking: whoever sends
  -- a password to it is asked first. Cleared by whoever answers.
  add column email_unchecked boolean not null default false,
  add constraint logons_reason_of_suspension check (suspended_reason is null or suspended_at is not null);

-- Whichever way the email is changed. A logon that has no password, and was never sent one, is nobody's yet.
create function note_unchecked_email() returns trigger language plpgsql as $$
begin
  new.email_unchecked := new.email is not null
    and (new.password_until is not null or exists (select from credential_mails m where m.logon_id = new.id));
  return new;
end $$;
create trigger email_changed before update of email on logons
  for each row when (email_key(new.email) is distinct from email_key(old.email))
  execute function note_unchecked_email();
create index logons_email_unchecked on logons (id) where email_unchecked;

-- An expiry in the past ends its sessions in the same statement. Who may come in is decided by the school's own date, which
-- may be a day ahead of the server's for an hour or so: the portal asks that one at every page.
create trigger logon_expired after update of expires_on on logons
  for each row when (new.expires_on is distinct from old.expires_on and new.expires_on < current_date)
  execute function end_sessions_of_logon();
