-- Feeds: what learners and contacts are known by elsewhere, what each feed would change and has changed, and which files were read.

-- What a sender knows a learner or a contact by. Several records of a sender may be one adult here.
create table feed_records (
  feed text not null check (feed in (
    'Learners sheet', 'Contacts sheet', 'OneRoster', 'School Data Sync', 'Common Transfer File'
  )),
  kind text not null check (kind in ('learner', 'contact')),
  external_id text not null check (char_length(external_id) between 1 and 255),
  learner_id bigint references learners on delete cascade,
  contact_id bigint references contacts on delete cascade,
  primary key (feed, kind, external_id),
  check ((kind = 'learner') = (learner_id is not null)),
  check ((kind = 'contact') = (contact_id is not null))
);
create index feed_records_by_learner on feed_records (learner_id) where learner_id is not null;
create index feed_records_by_contact on feed_records (contact_id) where contact_id is not null;

-- Which feed put the contact on the learner's record: only that feed takes it off again. null: a person did.
alter table contact_learners add column feed text;
-- For the page on which the office says yes or no for many at once.
create index contact_learners_unknown on contact_learners (relationship, contact_id, learner_id)
  where parental_responsibility is null;

-- What a feed would change, and has changed: one row for each record that is not as it was. Kept for review, result and undo.
create table feed_items (
  task_id bigint not null references tasks on delete cascade,
  position integer not null check (position > 0),
  kind text not null check (kind in ('learner', 'contact', 'relationship')),
  class text not null check (class in ('create', 'update', 'unchanged', 'leaver', 'error', 'conflict')),
  state text not null default 'planned' check (state in ('planned', 'done', 'left out', 'failed', 'undone', 'kept')),
  -- First name and surname; of a relationship "Contact, Learner".
  who text not null,
  file text,
  line integer,
  -- By what the sender knows it; several for an adult with several records.
  external_ids text[] not null default '{}',
  learner_id bigint references learners on delete set null,
  contact_id bigint references contacts on delete set null,
  -- Of a relationship: the items that make its learner and its contact, where they are new.
  learner_position integer,
  contact_position integer,
  -- Only what changes.
  before jsonb,
  after jsonb not null default '{}',
  -- [{ code, ... }]: the sentences are written where they are shown.
  problems jsonb not null default '[]',
  primary key (task_id, position)
);
create index feed_items_by_class on feed_items (task_id, class, position);
create index feed_items_by_learner on feed_items (learner_id) where learner_id is not null;
create index feed_items_by_contact on feed_items (contact_id) where contact_id is not null;

-- A file is known again by its checksum, so that a nightly feed does not read it twice.
create table feed_files (
  checksum bytea not null check (octet_length(checksum) = 32),
  task_id bigint not null references tasks on delete cascade,
  primary key (checksum, task_id)
);
create index feed_files_by_task on feed_files (task_id);

-- One row for each night on which the folder was looked into: whoever writes it does so, and no other node.
create table feed_nights (
  day date primary key,
  looked_at timestamptz not null
);

-- A learner, a contact and a relationship as the before and after of an item have them.
create function learner_facts(l learners) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'admissionNumber', l.admission_number, 'upn', l.upn, 'firstName', l.first_name, 'surname', l.surname,
    'dateOfBirth', l.date_of_birth, 'yearGroup', l.year_group, 'registrationGroup', l.registration_group,
    'status', l.status, 'leftOn', l.left_on);
$$;
create function contact_facts(c contacts) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'firstName', c.first_name, 'surname', c.surname, 'email', c.email, 'mobile', c.mobile);
$$;
create function relationship_facts(r contact_learners) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'relationship', r.relationship, 'priority', r.priority, 'parentalResponsibility', r.parental_responsibility);
$$;
