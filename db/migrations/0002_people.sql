-- Learners, contacts, and which contact stands on which learner's record.

create table learners (
  id bigint generated always as identity primary key,
  admission_number text not null unique check (is_line(admission_number, 40)),
  upn text unique check (is_line(upn, 40)),
  first_name text not null check (is_line(first_name, 100)),
  surname text not null check (is_line(surname, 100)),
  date_of_birth date,
  year_group text check (is_line(year_group, 40)),
  registration_group text check (is_line(registration_group, 40)),
  status text not null check (status in ('Current', 'Applicant', 'Leaver')),
  left_on date,
  search_key text not null generated always as (' ' || search_key(
    first_name || ' ' || surname || ' ' || admission_number || ' ' || coalesce(registration_group, '')
  )) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- When access ends is counted from the day on which a learner left.
  check ((status = 'Leaver') = (left_on is not null))
);
create index learners_by_name on learners (surname collate "en-x-icu", first_name collate "en-x-icu", id);
create index learners_by_status_and_name on learners (status, surname collate "en-x-icu", first_name collate "en-x-icu", id);
create index learners_by_group on learners (registration_group);
create index learners_by_year on learners (year_group);
create index learners_search on learners using gin (search_key gin_trgm_ops);

create table contacts (
  id bigint generated always as identity primary key,
  first_name text not null check (is_line(first_name, 100)),
  surname text not null check (is_line(surname, 100)),
  email text check (is_line(email, 254)),
  mobile text check (is_line(mobile, 40)),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index contacts_by_name on contacts (surname collate "en-x-icu", first_name collate "en-x-icu", id);
create index contacts_by_email on contacts (email_key(email)) where email is not null;

create table contact_learners (
  contact_id bigint not null references contacts on delete cascade,
  learner_id bigint not null references learners on delete cascade,
  relationship text not null check (is_line(relationship, 40)),
  priority smallint not null check (priority between 1 and 99),
  -- null: a feed did not say; never read as no.
  parental_responsibility boolean,
  primary key (contact_id, learner_id)
);
create index contact_learners_by_learner on contact_learners (learner_id, priority);
