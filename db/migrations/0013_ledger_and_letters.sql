-- Pausing a task, mails that came back, codes on paper, and the indexes of the ledger over all.

-- Paused: no worker begins it until somebody resumes it. Asked: the worker that is at it stops between two mails.
alter table tasks drop constraint tasks_state_check;
alter table tasks add constraint tasks_state_check
  check (state in ('queued', 'running', 'paused', 'needs review', 'done', 'failed', 'cancelled'));
alter table tasks add column pause_asked_at timestamptz;
alter table tasks add constraint tasks_paused_check check (state <> 'paused' or pause_asked_at is not null);

alter table credential_mails
  -- A letter is printed by the office: it has no address, and no mail server answers for it.
  add column kind text not null default 'mail' check (kind in ('mail', 'letter')),
  -- The day that a letter names: its code works until then.
  add column expires_at timestamptz,
  -- It came back after the mail server had accepted it, and in which words.
  add column bounced_at timestamptz,
  add column bounced_by bigint references admins on delete set null,
  add column bounce_words text check (char_length(bounce_words) between 1 and 600);
update credential_mails set bounced_at = settled_at where state = 'bounced';
alter table credential_mails drop constraint credential_mails_check2;
alter table credential_mails
  add constraint credential_mails_address_check check (address is not null or state = 'left out' or kind = 'letter'),
  add constraint credential_mails_bounce_check check ((state = 'bounced') = (bounced_at is not null)),
  add constraint credential_mails_words_check check (bounce_words is null or state = 'bounced'),
  add constraint credential_mails_letter_check check (
    kind = 'mail' and expires_at is null
    or kind = 'letter' and expires_at is not null and state not in ('deferred', 'refused', 'unknown', 'bounced')
  );
-- The ledger is read newest first, which is the primary key backwards; these find the few of a state.
create index credential_mails_by_state on credential_mails (state, id desc);
create index credential_mails_unused on credential_mails (id desc) where state = 'accepted' and first_used_at is null;

-- What became of the mails or letters of a task, in true numbers: what its alert says.
create function mail_counts(task bigint) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'mails', count(*),
    'settled', count(*) filter (where settled_at is not null),
    'accepted', count(*) filter (where state = 'accepted'),
    'bounced', count(*) filter (where state = 'bounced'),
    'deferred', count(*) filter (where state = 'deferred'),
    'refused', count(*) filter (where state = 'refused'),
    'unknown', count(*) filter (where state = 'unknown'),
    'superseded', count(*) filter (where state = 'superseded'),
    'cancelled', count(*) filter (where state = 'cancelled'),
    'leftOut', count(*) filter (where state = 'left out'))
    from credential_mails where task_id = task;
$$;

-- A task that ends without having sent everything takes the rest with it, whoever ended it, and says how much that was.
create or replace function end_unsent_mails() returns trigger language plpgsql as $$
begin
  update credential_mails set state = 'cancelled', settled_at = new.finished_at
   where task_id = new.id and settled_at is null;
  update tasks set facts = facts || mail_counts(new.id) where id = new.id;
  return null;
end $$;
create or replace trigger task_ended after update of state on tasks
  for each row when (new.kind in ('credential mails', 'letters') and new.state in ('cancelled', 'failed'))
  execute function end_unsent_mails();

-- Paused, it says how far it came.
create function tell_mail_counts() returns trigger language plpgsql as $$
begin
  update tasks set facts = facts || mail_counts(id), done = (mail_counts(id) ->> 'settled')::int where id = new.id;
  return null;
end $$;
create trigger task_paused after update of state on tasks
  for each row when (new.kind = 'credential mails' and new.state = 'paused') execute function tell_mail_counts();
