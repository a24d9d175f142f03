-- How far the parents of each learner have come, reckoned once and not whenever Coverage is opened.

-- Written by whoever reckons, one at a time. A learner without a row has no parent with a logon.
create table learner_coverage (
  learner_id bigint primary key references learners on delete cascade,
  -- 0: nobody who can see them has a logon; 1: somebody has; 2: was mailed; 3: has signed in.
  stage smallint not null check (stage between 0 and 3),
  reckoned_on date not null,
  -- The last day on which it is true: then a logon on which it stands expires. Null: until something changes.
  holds_until date check (holds_until >= reckoned_on)
);

-- What has changed since, one row for each change: nobody waits for anybody, and what is written here comes with the change
-- itself. What is kept of these learners, and of those linked to these logons, does not count. A logon is written down as such,
-- and whose parent it is looked up by whoever reads: a link that is made at the same moment cannot be seen from here.
create table coverage_changes (
  learner_id bigint,
  logon_id bigint,
  check (num_nonnulls(learner_id, logon_id) = 1)
);

-- The tables in the order in which others write to them, so that neither waits for the other in a circle.

create function note_coverage_of_block() returns trigger language plpgsql as $$
begin
  insert into coverage_changes (learner_id)
  select distinct learner_id from (values (old.learner_id), (new.learner_id)) as block (learner_id) where learner_id is not null;
  return null;
end $$;
-- Older nodes: it only writes to a table that they do not know.
create trigger coverage_after_block after insert or update or delete on blocks
  for each row execute function note_coverage_of_block();

create function note_coverage_of_mail() returns trigger language plpgsql as $$
begin
  insert into coverage_changes (logon_id)
  select distinct logon_id from (values (old.logon_id), (new.logon_id)) as mail (logon_id) where logon_id is not null;
  return null;
end $$;
-- Older nodes: as above.
create trigger coverage_after_mail after insert on credential_mails
  for each row when (new.state = 'accepted') execute function note_coverage_of_mail();
-- Older nodes: as above.
create trigger coverage_after_answer after update of state, logon_id on credential_mails
  for each row when ((old.state = 'accepted') <> (new.state = 'accepted') or old.logon_id is distinct from new.logon_id)
  execute function note_coverage_of_mail();
-- Older nodes: as above.
create trigger coverage_after_purge after delete on credential_mails
  for each row when (old.state = 'accepted') execute function note_coverage_of_mail();

create function note_coverage_of_logon() returns trigger language plpgsql as $$
begin
  insert into coverage_changes (logon_id) values (new.id);
  return null;
end $$;
-- Older nodes: as above.
create trigger coverage_after_logon after update of sign_in_count, deleted_at, suspended_at, expires_on, contact_id on logons
  for each row when (
    (old.sign_in_count = 0) <> (new.sign_in_count = 0)
    or (old.deleted_at is null) <> (new.deleted_at is null)
    or (old.suspended_at is null) <> (new.suspended_at is null)
    or old.expires_on is distinct from new.expires_on
    or old.contact_id is distinct from new.contact_id
  ) execute function note_coverage_of_logon();

create function note_coverage_of_links() returns trigger language plpgsql as $$
begin
  insert into coverage_changes (learner_id) select distinct learner_id from changed;
  return null;
end $$;
-- Older nodes: as above.
create trigger coverage_after_link after insert on logon_learners
  referencing new table as changed for each statement execute function note_coverage_of_links();
-- Older nodes: as above.
create trigger coverage_after_unlink after delete on logon_learners
  referencing old table as changed for each statement execute function note_coverage_of_links();

insert into coverage_changes (learner_id) select distinct learner_id from logon_learners;
